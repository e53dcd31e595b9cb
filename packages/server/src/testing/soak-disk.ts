// `npm run soak -- disk`: a server on a real file system of a megabyte that gets full and empty again, many times, while it publishes. Every
// event must come by the stream, and history must hold all but what was counted as lost.
import { setImmediate as nextTurn } from 'node:timers/promises'
import { append, lines } from './drafts.ts'
import { idsOf, openRawStream } from './raw-stream.ts'
import { mountSmallDisk, noSmallDisk } from './small-disk.ts'
import { startTestServer } from './test-server.ts'

const cycles = Number(process.argv[2] ?? 50)
const perCycle = 200

async function main(): Promise<number> {
  if (noSmallDisk !== undefined) {
    process.stdout.write(`soak disk: ${noSmallDisk}\n`)
    return 1
  }
  using disk = mountSmallDisk()
  const logLimits = { retryMs: 20, batchMs: 5, retentionBytes: 300_000, ringRecords: 64, queueBytes: 200_000 }
  await using server = await startTestServer({ telemetry: ['console'], dataDirectory: disk.path, logLimits })
  await using stream = await openRawStream(`${server.url}/telemetry/stream`)
  for (let cycle = 0; cycle < cycles; cycle++) {
    const empty = disk.fill()
    for (let at = 0; at < perCycle; at++) {
      append(server, ...lines(1, at, 'x'.repeat(1_000)))
      if (at % 10 === 0) await nextTurn()
    }
    await stream.untilText(`id: ${server.running.log.seq}\n`)
    empty()
    await server.running.log.flush()
    while (server.running.log.durableSeq < server.running.log.seq) await nextTurn()
  }
  const { seq, droppedEvents } = server.running.log
  await stream.untilText(`id: ${seq}\n`)
  const told = idsOf(stream.blocks())
  const isWhole = told.length === seq && told.every((id, index) => id === index + 1)
  process.stdout.write(
    `soak disk: ${cycles} times full; ${seq} events, ${told.length} by the stream, ${droppedEvents} lost to the disk and counted\n`,
  )
  process.stdout.write(isWhole ? 'soak disk: the stream missed nothing\n' : 'soak disk: FAILED, the stream missed events\n')
  return isWhole ? 0 : 1
}

process.exitCode = await main()
