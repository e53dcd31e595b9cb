// A follower of a scripted server with a hand-cranked clock, and everything that it reported.
import type { Gap } from '@tabscope/schema'
import { createManualClock, type ManualClock } from '@tabscope/schema/clock'
import type { ConnectionChange } from '../follow.ts'
import { type FollowOptions, followStream } from '../follow-stream.ts'
import type { ScriptedServer } from './scripted-server.ts'

export interface Watched {
  readonly gaps: Gap[]
  readonly changes: ConnectionChange[]
  readonly clock: ManualClock
  readonly options: FollowOptions
}

/** Options for a follower whose back-off is over as soon as it begins. */
export function watch(server: ScriptedServer, more: Partial<FollowOptions> = {}): Watched {
  const clock = createManualClock()
  const gaps: Gap[] = []
  const changes: ConnectionChange[] = []
  const options: FollowOptions = {
    url: server.url,
    clock,
    random: () => 1,
    onGap: (gap) => gaps.push(gap),
    onConnection: (change) => {
      changes.push(change)
      // The wait is set in the same turn, after this call.
      if (change.at === 'lost') setImmediate(() => clock.advance(change.retryInMs))
    },
    ...more,
  }
  return { gaps, changes, clock, options }
}

/** The numbers of the first events. */
export async function takeSeqs(options: FollowOptions, count: number): Promise<number[]> {
  const seqs: number[] = []
  for await (const { seq } of followStream(options)) {
    seqs.push(seq)
    if (seqs.length === count) break
  }
  return seqs
}
