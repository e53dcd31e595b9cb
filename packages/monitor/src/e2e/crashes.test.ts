// Renderers that die, and tabs that are closed, with requests open: each request has its end, each target its own, and life goes on.
// In mode `complete`, so that nothing of the workers is missed before.
import { type DrivenPage, launchTestChromium, type PageHandler, type PageServer, type TestChromium } from '@tabscope/cdp/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openScene, type Scene } from '../testing/scene.ts'
import { oddEndings, toldOf } from '../testing/witness.ts'

let chromium: TestChromium

beforeAll(async () => {
  chromium = await launchTestChromium({ args: ['--site-per-process'] })
})

afterAll(async () => {
  await chromium[Symbol.asyncDispose]()
})

// Every part of the page leaves a request open that nobody answers.
const pages: PageHandler = (request, response) => {
  const path = request.url?.split('?')[0] ?? '/'
  if (path === '/hang') return
  const { port } = new URL(`http://${request.headers.host}`)
  const page = `<!doctype html><link rel="icon" href="data:,"><script>
    new Worker('/worker.js?dedicated'); new SharedWorker('/worker.js?shared'); navigator.serviceWorker.register('/service.js'); fetch('/hang?page')
  </script><iframe src="http://localhost:${port}/frame"></iframe>`
  const bodies: Record<string, readonly [string, string]> = {
    '/': ['text/html', page],
    '/frame': ['text/html', "<!doctype html><script>fetch('/hang?frame')</script>"],
    '/worker.js': ['text/javascript', "fetch('/hang' + location.search)"],
    '/service.js': ['text/javascript', "fetch('/hang?service')"],
  }
  const [type, body] = bodies[path] ?? ['text/plain', '']
  response.writeHead(200, { 'content-type': type, 'cache-control': 'no-store' }).end(body)
}

const parts = ['page', 'frame', 'dedicated', 'shared', 'service']

async function openHanging(): Promise<Scene & { readonly tab: DrivenPage }> {
  const scene = await openScene({ chromium, mode: 'complete', pages })
  const tab = await scene.emptyTab()
  // Its load event waits for nothing that hangs.
  await tab.navigate(`${scene.server.url}/`)
  for (const part of parts) await scene.captured.until('network_request', ({ url }) => url.endsWith(`/hang?${part}`))
  return { ...scene, tab }
}

/** Chromium answers this, with an error, only when the target has a process again. */
function crash(scene: Scene, sessionId: string): void {
  scene.driver.send('Page.crash', {}, sessionId).catch(() => undefined)
}

const endings: readonly string[] = ['network_loading_failed', 'page_crashed', 'page_worker_ended', 'page_tab_closed']

/** The ends that the stream tells since its `from`-th event: of requests by their query, of targets by their type. */
function endsSince({ captured, server }: Scene, from: number): string[] {
  return (
    captured.drafts
      .slice(from)
      .map((draft) => ({ draft, data: draft.data as { url?: string; error_text?: string; target_type?: string } }))
      // Workers of an earlier scene may end late.
      .filter(({ draft, data }) => endings.includes(draft.type) && isOf(server, data))
      .map(({ draft, data }) => {
        const [, part] = /\?(\w+)$/.exec(data.url ?? '') ?? []
        return draft.type === 'network_loading_failed' ? `${part} ${data.error_text}` : `${draft.type} ${data.target_type}`
      })
  )
}

const isOf = (server: PageServer, { url }: { url?: string | undefined }): boolean => url?.includes(`:${server.port}/`) === true

/** Whether `first` comes before `second`. */
const isBefore = (lines: readonly string[], first: string, second: string): boolean => lines.indexOf(first) < lines.indexOf(second)

test('the crash of a frame of another site ends its own requests, and nothing else', async () => {
  await using scene = await openHanging()
  const { captured, driver, tab } = scene
  const before = captured.drafts.length
  const { data } = await captured.until('network_request', ({ url }) => url.endsWith('/hang?frame'))
  const frame = await driver.attachTo(data.target_id ?? '')
  crash(scene, frame.sessionId)
  const crashed = await captured.until('page_crashed')
  expect(endsSince(scene, before)).toEqual(['frame target_crashed', 'page_crashed iframe'])
  expect([crashed.data.page_target_id, crashed.data.url]).toEqual([tab.targetId, `${scene.server.urlOf('localhost')}/frame`])
})

test('the crash of a renderer ends the page with its frames and workers, each with its open requests, and a reload is captured', async () => {
  await using scene = await openHanging()
  const { captured, driver, tab, server } = scene
  const before = captured.drafts.length
  crash(scene, tab.sessionId)
  await captured.until('page_crashed')
  await captured.untilCount('page_worker_ended', 2, (data) => isOf(server, data))
  await captured.untilCount('network_loading_failed', 5, (data) => isOf(server, data))
  const ends = endsSince(scene, before)
  expect([...ends].sort()).toEqual([
    'dedicated target_closed',
    'frame target_closed',
    'page target_crashed',
    'page_crashed page',
    'page_worker_ended service_worker',
    'page_worker_ended shared_worker',
    'service target_closed',
    'shared target_closed',
  ])
  expect(isBefore(ends, 'page target_crashed', 'page_crashed page')).toBe(true)
  await driver.send('Page.reload', {}, tab.sessionId)
  await captured.until('page_load', ({ nav_seq, target_id }) => nav_seq === 2 && target_id === tab.targetId)
  await captured.untilCount('network_request', 2, ({ url }) => url.endsWith('/hang?page'))
  const navSeqs = toldOf(captured.drafts, server.port)
    .requests.filter(({ url }) => url.endsWith('/hang?page'))
    .map(({ nav_seq }) => nav_seq)
  expect(navSeqs).toEqual([1, 2])
})

test('a tab that is closed ends the requests of everything in it, then itself', async () => {
  await using scene = await openHanging()
  const { captured, driver, tab, server } = scene
  const before = captured.drafts.length
  await tab.close()
  await captured.until('page_tab_closed')
  await captured.until('page_worker_ended', (data) => data.target_type === 'shared_worker' && isOf(server, data))
  const ends = endsSince(scene, before).filter((end) => !end.includes('service'))
  expect([...ends].sort()).toEqual([
    'dedicated target_closed',
    'frame target_closed',
    'page target_closed',
    'page_tab_closed page',
    'page_worker_ended shared_worker',
    'shared target_closed',
  ])
  for (const part of ['dedicated', 'frame', 'page']) expect(isBefore(ends, `${part} target_closed`, 'page_tab_closed page')).toBe(true)
  // The service worker lives on without its tab; whatever is open then is closed with capture.
  await driver.send('Target.getTargets')
  const told = toldOf(captured.drafts, server.port)
  expect(oddEndings(told).filter((line) => !line.includes('service'))).toEqual([])
})
