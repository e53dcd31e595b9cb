// A log on files in memory, under a hand-cranked clock, with what it complained about: the ground of most disk tests.
import { createManualClock, type ManualClock } from '@tabscope/schema'
import { type EventLog, type EventLogOptions, openEventLog } from '../event-log.ts'
import type { LogTrouble } from '../trouble.ts'
import { type CrashFiles, createCrashFiles } from './crash-files.ts'
import { consoleDraft, sessionId } from './drafts.ts'

export interface World {
  readonly files: CrashFiles
  readonly clock: ManualClock
  readonly troubles: LogTrouble[]
  open(options?: Partial<EventLogOptions>): Promise<EventLog>
}

/** `files` left by another world stand for a machine that was started again. */
export function createWorld(files: CrashFiles = createCrashFiles()): World {
  const clock = createManualClock()
  const troubles: LogTrouble[] = []
  const open = (options: Partial<EventLogOptions> = {}): Promise<EventLog> =>
    openEventLog({ directory: '/data', files, clock, onTrouble: (trouble) => troubles.push(trouble), ...options })
  return { files, clock, troubles, open }
}

/** Appends `count` events and waits until they are durable, one batch for each `inBatch`. */
export async function fill(log: EventLog, count: number, inBatch = count): Promise<void> {
  for (let done = 1; done <= count; done++) {
    log.append(consoleDraft(`event ${done}`), sessionId)
    if (done % inBatch === 0) await log.flush()
  }
  await log.flush()
}
