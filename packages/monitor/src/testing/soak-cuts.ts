// `npm run soak -- cuts [rounds] [seed]`: the DevTools connection cut, stalled and slowed at random while pages load, default 30 rounds.
// Prints what was told of it, and fails on anything missing, double or left open.
import { launchTestChromium } from '@tabscope/cdp/testing'
import { breakConnections } from './broken-connections.ts'

const [rounds = 30, seed = 1] = process.argv.slice(2).map(Number)
await using chromium = await launchTestChromium()
const { broken, told, doubles, missing, odd, events, longestMs } = await breakConnections({ chromium, rounds, seed })
const figures = {
  seed: seed,
  rounds: rounds,
  'connections cut': broken.filter((cause) => cause === 'connection_lost').length,
  'connections stalled': broken.filter((cause) => cause === 'protocol_stalled').length,
  'connections slowed': rounds - broken.length,
  'losses told with their cause, each with its return': JSON.stringify(told) === JSON.stringify(broken) ? told.length : told.join(', '),
  'longest time without capture, ms': longestMs,
  'events told': events,
  'told more than once': doubles.length,
  'calls not told': missing.length,
  'requests without exactly one end': odd.length,
}
for (const [name, value] of Object.entries(figures)) process.stdout.write(`${name.padEnd(52)} ${value}\n`)
for (const fault of [...doubles, ...missing, ...odd]) process.stdout.write(`  ${fault}\n`)
const isRight = JSON.stringify(told) === JSON.stringify(broken) && doubles.length + missing.length + odd.length === 0
process.exitCode = isRight ? 0 : 1
