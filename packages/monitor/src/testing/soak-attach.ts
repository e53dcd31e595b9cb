// `npm run soak -- attach [count]`: what is told of targets that appear while a page runs, in both attach modes, one after the other and
// five at once. Each new target logs once and fetches once as the first thing it does; the page server is the witness.
// Prints one line a case, and fails when `complete` missed anything.
import { launchTestChromium } from '@tabscope/cdp/testing'
import { openScene, type Scene } from './scene.ts'
import { lateResponses, oddEndings, toldOf } from './witness.ts'

const count = Number(process.argv[2] ?? 12)
const atOnceEach = [1, 5]

/** How a page makes a new target number `n`. */
const makers = {
  'window.open': "window.open('/document?' + n)",
  'noopener window.open': "window.open('/document?' + n, '_blank', 'noopener')",
  'frame of another site':
    "document.body.append(Object.assign(document.createElement('iframe'), { src: 'http://site' + n + '.localhost:' + location.port + '/document?' + n }))",
  worker: "new Worker('/script.js?' + n)",
  'nested worker': "new Worker('/outer.js?' + n)",
  'shared worker': "new SharedWorker('/script.js?' + n)",
  'service worker': "navigator.serviceWorker.register('/script.js?' + n, { scope: '/scope' + n })",
} as const
type Maker = keyof typeof makers

const says =
  "console.log('runs ' + location.search); fetch('/fetched' + location.search).then((r) => r.text()).then(() => fetch('/end' + location.search))"
const pages = {
  '/': '<!doctype html><link rel="icon" href="data:,"><body>',
  '/document': `<!doctype html><link rel="icon" href="data:,"><script>${says}</script>`,
  '/script.js': { type: 'text/javascript', body: says },
  '/outer.js': { type: 'text/javascript', body: "new Worker('/script.js' + location.search)" },
  '/fetched': { type: 'text/plain', body: 'fetched' },
}

interface Tally {
  /** The new target's document or script. */
  readonly ownRequest: number
  readonly ownResponse: number
  readonly fetchRequest: number
  readonly fetchResponse: number
  readonly consoleCall: number
  /** Responses told without their request. */
  readonly late: number
  /** Requests with no end or with more than one, after everything was quiet. */
  readonly odd: number
}

async function run(options: { mode: 'passive' | 'complete'; maker: Maker; atOnce: number }): Promise<Tally> {
  await using chromium = await launchTestChromium({ args: ['--disable-popup-blocking', '--site-per-process'] })
  await using scene = await openScene({ chromium, mode: options.mode, pages })
  for (let first = 0; first < count; first += options.atOnce) {
    const numbers = Array.from({ length: Math.min(options.atOnce, count - first) }, (_, index) => first + index)
    const opener = await scene.visit('/')
    await opener.evaluate(`for (const n of ${JSON.stringify(numbers)}) ${makers[options.maker]}; undefined`)
    for (const n of numbers) {
      await scene.server.seen(`/end?${n}`)
      await scene.captured.until('console_log', ({ text }) => text === `runs ?${n}`)
    }
    await endsTold(scene, numbers)
    await closeAllPages(scene)
  }
  return tallyOf(scene)
}

/** The last thing that each target does is told when everything before it was. */
async function endsTold({ captured }: Scene, numbers: readonly number[]): Promise<void> {
  for (const n of numbers) await captured.until('network_response', ({ url }) => url.endsWith(`/end?${n}`))
}

function tallyOf({ captured, server }: Scene): Tally {
  const told = toldOf(captured.drafts, server.port)
  const count = (each: readonly { url?: string | undefined }[], path: RegExp): number =>
    each.filter(({ url }) => path.test(url ?? '')).length
  const own = /\/(?:document|script\.js)\?/
  return {
    ownRequest: count(told.requests, own),
    ownResponse: count(told.responses, own),
    fetchRequest: count(told.requests, /\/fetched\?/),
    fetchResponse: count(told.responses, /\/fetched\?/),
    consoleCall: captured.of('console_log').filter(({ data }) => data.text.startsWith('runs ')).length,
    late: lateResponses(told).length,
    odd: oddEndings(told).length,
  }
}

async function closeAllPages({ driver }: Scene): Promise<void> {
  const { targetInfos } = await driver.send('Target.getTargets')
  const infos = targetInfos as { type: string; url: string; targetId: string }[]
  for (const { type, url, targetId } of infos) {
    if (type === 'page' && url !== 'about:blank') await driver.send('Target.closeTarget', { targetId })
  }
}

for (const mode of ['passive', 'complete'] as const) {
  for (const maker of Object.keys(makers) as Maker[]) {
    for (const atOnce of atOnceEach) {
      const { late, odd, ...told } = await run({ mode, maker, atOnce })
      const figures = Object.entries({ ...told, late, odd }).map(([name, value]) => `${name} ${value}`)
      process.stdout.write(`${mode.padEnd(8)}  ${maker.padEnd(21)}  ${atOnce} at once, of ${count}: ${figures.join(', ')}\n`)
      const isWhole = Object.values(told).every((value) => value === count) && late === 0 && odd === 0
      if (mode === 'complete' && !isWhole) process.exitCode = 1
    }
  }
}
