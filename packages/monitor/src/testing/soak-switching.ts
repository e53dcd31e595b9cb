// `npm run soak -- switching [switches] [seed]`: categories and levels switched at random in the middle of requests, default 200 times.
// Prints what came that should not have, and fails on any of it.
import { launchTestChromium } from '@tabscope/cdp/testing'
import { switchCategories } from './switching.ts'

const [switches = 200, seed = 1] = process.argv.slice(2).map(Number)
await using chromium = await launchTestChromium()
const result = await switchCategories({ chromium, switches, seed })
const figures = {
  seed,
  switches: result.switches,
  'pages loaded meanwhile': result.pages,
  'events told': result.events,
  'events of a selection that was off': result.unwanted.length,
  'ends of requests of an old selection': result.late.length,
  'told more than once': result.doubles.length,
  'of the last page, with everything on': `${result.last.length} of 21`,
}
for (const [name, value] of Object.entries(figures)) process.stdout.write(`${name.padEnd(40)} ${value}\n`)
for (const fault of [...result.unwanted, ...result.late, ...result.doubles]) process.stdout.write(`  ${fault}\n`)
process.exitCode = result.unwanted.length + result.late.length + result.doubles.length === 0 && result.last.length === 21 ? 0 : 1
