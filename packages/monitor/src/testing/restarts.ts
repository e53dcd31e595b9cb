// Kills Chromium and starts it again under a running monitor, again and again. Each run of Chromium loads a page that logs, fetches, and
// leaves a request open; the page server is the witness. Either each kill waits until all of that was told, or it comes at random in the
// middle of a load. Used by a test with few runs and by a soak with many.
import { launchTestChromium, openDriver, type PageServer, servePages, type TestChromium } from '@tabscope/cdp/testing'
import { type Captured, createCaptured } from './captured.ts'
import { createRandom } from './random.ts'
import { behaviourConfig } from './recorded.ts'
import { startMonitor } from './scene.ts'
import { createWire, type Wire } from './wire.ts'

export interface RestartsResult {
  readonly captured: Captured
  readonly server: PageServer
}

const page = `<!doctype html><link rel="icon" href="data:,"><script>
  console.log('run ' + location.search)
  fetch('/data' + location.search).then((r) => r.json())
  fetch('/hang' + location.search)
</script>`

function servePage(): Promise<PageServer> {
  return servePages((request, response) => {
    const path = request.url?.split('?')[0]
    if (path === '/hang') return
    const [type, body] = path === '/page' ? ['text/html', page] : ['application/json', '1']
    response.writeHead(200, { 'content-type': type, 'cache-control': 'no-store' }).end(body)
  })
}

/** Runs Chromium `runs` times and kills it each time. The caller closes the server. */
export async function restartChromium(runs: number): Promise<RestartsResult> {
  const server = await servePage()
  const captured = createCaptured()
  const wire = createWire()
  let chromium: TestChromium | undefined = await launchTestChromium()
  const endpoint = async (): Promise<string> => {
    if (chromium === undefined) throw new Error('there is no Chromium at the moment')
    return chromium.wsUrl
  }
  await using _monitor = await startMonitor({ endpoint, captured, wire, config: behaviourConfig({}) })
  for (let run = 0; run < runs; run++) {
    chromium ??= await launchTestChromium()
    await using current = chromium
    if (run > 0) await captured.untilCount('monitor_reconnected', run)
    await loadPage({ chromium: current, captured, wire, server, run })
    chromium = undefined
    await current.kill()
    await captured.untilCount('monitor_disconnected', run + 1)
  }
  return { captured, server }
}

/** Requests of a page that is killed in the middle. */
const mostRequests = 40

const busyPage = (run: number): string => `<!doctype html><link rel="icon" href="data:,"><script>
  console.log('busy ${run}')
  for (let n = 0; n < ${mostRequests}; n++) fetch('/busy?${run}-' + n).then((r) => r.json()).then(() => console.log('busy ${run} answer ' + n))
</script>`

/** Runs Chromium `runs` times and kills it each time when the page's server has got so many requests as chance says. The caller closes the server. */
export async function restartAtRandom(runs: number, seed: number): Promise<RestartsResult> {
  const random = createRandom(seed)
  let onRequest = (): void => undefined
  const server = await servePages((request, response) => {
    const [path, run = ''] = (request.url ?? '').split('?')
    const [type, body] = path === '/page' ? ['text/html', busyPage(Number(run))] : ['application/json', '1']
    response.writeHead(200, { 'content-type': type, 'cache-control': 'no-store' }).end(body)
    onRequest()
  })
  const captured = createCaptured()
  const wire = createWire()
  let current: TestChromium | undefined = await launchTestChromium()
  const endpoint = async (): Promise<string> => {
    if (current === undefined) throw new Error('there is no Chromium at the moment')
    return current.wsUrl
  }
  await using _monitor = await startMonitor({ endpoint, captured, wire, config: behaviourConfig({}) })
  for (let run = 0; run < runs; run++) {
    current ??= await launchTestChromium()
    await using chromium = current
    if (run > 0) await captured.untilCount('monitor_reconnected', run)
    await using driver = await openDriver(chromium.wsUrl)
    const tab = await driver.openPage('about:blank')
    await wire.setUp(tab.targetId)
    let left = 1 + random.below(mostRequests)
    const enough = new Promise<void>((resolve) => {
      onRequest = () => {
        left--
        if (left === 0) resolve()
      }
    })
    driver.send('Page.navigate', { url: `${server.url}/page?${run}` }, tab.sessionId).catch(() => undefined)
    await enough
    current = undefined
    await chromium.kill()
    await captured.untilCount('monitor_disconnected', run + 1)
  }
  return { captured, server }
}

interface RunParts extends RestartsResult {
  readonly chromium: TestChromium
  readonly wire: Wire
  readonly run: number
}

async function loadPage({ chromium, captured, wire, server, run }: RunParts): Promise<void> {
  await using driver = await openDriver(chromium.wsUrl)
  const tab = await driver.openPage('about:blank')
  await wire.setUp(tab.targetId)
  await tab.navigate(`${server.url}/page?${run}`)
  await captured.until('console_log', ({ text }) => text === `run ?${run}`)
  for (const path of ['page', 'data']) await captured.until('network_response', ({ url }) => url.endsWith(`/${path}?${run}`))
  await captured.until('network_request', ({ url }) => url.endsWith(`/hang?${run}`))
  await server.seen(`/hang?${run}`)
}
