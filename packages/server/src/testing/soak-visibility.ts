// `npm run soak -- visibility [runs]`: what a page can notice of being captured, by what is captured: facts that differ from those without a
// collector, and how long things take as the page sees it (medians of `runs`, default 3, interleaved). docs/visibility.md explains it.
import { launchTestChromium } from '@tabscope/cdp/testing'
import { chromiumArgsOfDetection, closesDialogs, type Detection, detect } from './detection.ts'

const runs = Number(process.argv[2] ?? 3)
const selections = [
  { name: 'no collector', categories: [] },
  { name: 'network, page', categories: ['network', 'page'] },
  { name: 'the same, complete', categories: ['network', 'page'], attachMode: 'complete' },
  { name: '+ interaction', categories: ['network', 'page', 'interaction'] },
  { name: '+ console', categories: ['network', 'page', 'console'] },
  { name: '+ screenshot', categories: ['network', 'page', 'screenshot'] },
] as const

await using chromium = await launchTestChromium({ args: chromiumArgsOfDetection })
const results = new Map<string, Detection[]>()
for (let run = 0; run < runs; run++) {
  for (const selection of selections) {
    const { name, ...options } = selection
    results.set(name, [...(results.get(name) ?? []), await detect({ chromium, ...options })])
  }
}
const baseline = results.get('no collector')?.[0]?.facts ?? {}
const median = (values: readonly number[]): string =>
  ([...values].sort((one, other) => one - other)[Math.floor(values.length / 2)] ?? 0).toFixed(1)
const columns = [
  'console',
  'fetch',
  'worker',
  'workerBorn',
  'frame',
  'elsewhere',
  'elsewhereBorn',
  'popupCall',
  'popup',
  'popupBorn',
  'click',
]
process.stdout.write(
  `${'captured'.padEnd(20)}${columns.map((column) => `${column} ms`.padStart(18)).join('')}  dialogs  facts that differ\n`,
)
for (const { name, ...options } of selections) {
  const each = results.get(name) ?? []
  const differing = new Set(
    each.flatMap(({ facts }) => Object.keys(facts).filter((fact) => JSON.stringify(facts[fact]) !== JSON.stringify(baseline[fact]))),
  )
  const times = columns.map((column) => median(each.map(({ times }) => times[column] ?? 0)).padStart(18)).join('')
  const dialogs = (await closesDialogs({ chromium, ...options }, 3_000)) ? 'close' : 'wait'
  process.stdout.write(`${name.padEnd(20)}${times}  ${dialogs.padEnd(7)}  ${[...differing].join(', ') || 'none'}\n`)
}
