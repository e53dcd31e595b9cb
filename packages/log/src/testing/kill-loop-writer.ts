// The process that kill-loop.ts kills: appends without end, and prints each durable number after it has become one. It stays
// within what the queue for the disk holds, so that nothing is lost to a slow disk: then durable means there.
import { writeSync } from 'node:fs'
import { systemClock } from '@tabscope/schema'
import { openEventLog } from '../event-log.ts'
import { consoleDraft, sessionId } from './drafts.ts'

const aheadMost = 5_000
const [directory, sync] = process.argv.slice(2)
if (directory === undefined || (sync !== 'batch' && sync !== 'none')) throw new Error('usage: kill-loop-writer.ts FOLDER batch|none')

const log = await openEventLog({
  directory,
  sync,
  clock: systemClock,
  // Small segments, so that kills fall on changes of segment too.
  limits: { segmentBytes: 2_000_000, batchMs: 5, retentionBytes: 1e12 },
  onTrouble: (trouble) => {
    throw new Error(JSON.stringify(trouble))
  },
})
let goOn = (): void => undefined
writeSync(1, `first ${log.seq + 1}\n`)
log.onDurable(() => {
  writeSync(1, `durable ${log.durableSeq}\n`)
  goOn()
})
for (;;) {
  for (let count = 0; count < 50; count++) log.append(consoleDraft('x'.repeat((count * 53) % 900)), sessionId)
  await new Promise<void>((resolve) => {
    goOn = resolve
    if (log.seq - log.durableSeq < aheadMost) setImmediate(resolve)
  })
}
