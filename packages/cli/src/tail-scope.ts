// Which part of a stream `tail` wants: live, from somewhere on, or only what is there now. With an end, the filter is applied on this
// side: a filtered stream says only every some seconds how far it has got, and nobody would want to wait for that.
import { type Envelope, type FollowOptions, readStreamState } from '@tabscope/sdk'
import { type FilterFlags, filterOf, matches, queryFiltersOf } from './filter-options.ts'

export interface TailFlags extends FilterFlags {
  readonly after?: number
  readonly replay?: 'all'
  readonly untilType?: readonly string[]
}

export interface Scope {
  readonly options: Pick<FollowOptions, 'lastEventId' | 'replay' | 'filters' | 'untilSeq'>
  wants(envelope: Envelope): boolean
}

/** Everything that matches from the start on, without an end. */
export function liveScope(flags: TailFlags): Scope {
  const filters = { ...queryFiltersOf(flags), untilType: flags.untilType }
  return { options: { lastEventId: flags.after, replay: flags.replay, filters }, wants: () => true }
}

/** Everything that matches up to the newest event of this moment. Asks the server which that is. */
export async function keptScope(stream: URL, flags: TailFlags, signal: AbortSignal): Promise<Scope> {
  const filter = filterOf(flags)
  const { seq } = await readStreamState(stream, { signal })
  return {
    options: { lastEventId: flags.after, replay: 'all', filters: { untilType: flags.untilType }, untilSeq: seq },
    wants: (envelope) => matches(filter, envelope),
  }
}
