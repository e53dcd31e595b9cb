// The process that `soak-s2-chaos.ts` kills: a log in a folder with events coming in bursts, and a pump into S2. Runs until it is killed.
//   node … chaos-writer.ts <folder> <settings as JSON>
import { openEventLog } from '@tabscope/log'
import { delay, foregroundClock } from '@tabscope/schema'
import { openCheckpoint } from '../checkpoint.ts'
import { startPump } from '../pump.ts'
import { createS2Sink } from '../s2-sink.ts'
import { append } from './log.ts'

const [directory = '', settingsText = '{}'] = process.argv.slice(2)
const { port, basin, stream } = JSON.parse(settingsText) as { port: number; basin: string; stream: string }
const endpoint = `http://127.0.0.1:${port}`
const clock = foregroundClock

const log = await openEventLog({ directory, clock })
const settings = { accessToken: () => 'not-a-real-token', basin, stream, accountEndpoint: endpoint, basinEndpoint: endpoint }
startPump({
  log,
  sink: createS2Sink({ settings, log, clock }),
  checkpoint: await openCheckpoint(`${directory}/checkpoints/s2.json`),
  clock,
  onTrouble: (trouble) => process.stdout.write(`${JSON.stringify(trouble)}\n`),
})
for (;;) {
  // Now and then more than one batch holds, so that several are under way.
  append(log, Math.random() < 0.04 ? 4000 : 1 + Math.floor(Math.random() * 40))
  await delay(clock, Math.random() * 60)
}
