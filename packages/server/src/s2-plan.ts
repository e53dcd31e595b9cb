// The S2 sink of a server: whether there is one, which stream is its own, and the past that is in that stream.
import type { Clock } from '@tabscope/schema'
import { type Archive, createS2Archive, createS2Sink, type S2Settings, s2Destination } from '@tabscope/sinks'
import type { ServeOptions } from './config.ts'
import type { Logger } from './log-line.ts'
import type { SinkSide } from './sink-side.ts'
import { ownStreamName } from './stream-name.ts'

/** Says in one line why there is no S2 sink, where that is so. For when the server is up: before, a reason why it is not matters more. */
export function sayWithoutS2({ s2 }: Pick<ServeOptions, 's2'>, logger: Logger): void {
  if (s2?.at === 'off') logger[s2.isMeant ? 'error' : 'info']({ reason: s2.reason }, 'no S2 sink')
}

/** Adds the sink that the options ask for. The past in its stream, if there is one. Errors: data_folder_not_writable. */
export async function addS2Sink(
  sinks: Pick<SinkSide, 'add'>,
  { s2, browserId, dataDirectory }: Pick<ServeOptions, 's2' | 'browserId' | 'dataDirectory'>,
  clock: Clock,
): Promise<Archive | undefined> {
  if (s2?.at !== 'on') return undefined
  const settings: S2Settings = { ...s2.access, stream: s2.access.stream ?? (await ownStreamName(browserId, dataDirectory)) }
  await sinks.add({
    name: 's2',
    destination: s2Destination(settings),
    create: (log) => createS2Sink({ settings, log, clock }),
    isDurable: true,
  })
  return createS2Archive(settings, clock)
}
