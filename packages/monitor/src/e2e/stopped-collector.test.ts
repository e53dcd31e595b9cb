// What the browser does while its collector is stopped or killed, in both attach modes: docs/attach.md tells users.
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { launchTestChromium, openDriver, servePages } from '@tabscope/cdp/testing'
import { expect, test } from 'vitest'

type Mode = 'passive' | 'complete'

interface Collector extends AsyncDisposable {
  readonly process: ChildProcess
  /** Resolves when it has told a navigation to a URL that ends so. */
  navigated(ending: string): Promise<void>
}

async function startCollector(wsUrl: string, mode: Mode): Promise<Collector> {
  const path = fileURLToPath(new URL('../testing/collector-process.ts', import.meta.url))
  const child = fork(path, [wsUrl, mode], { execArgv: ['--conditions=tabscope-source', '--import', 'tsx'] })
  const told: string[] = []
  child.on('message', (message) => told.push(String(message)))
  const heard = async (matches: (text: string) => boolean): Promise<void> => {
    while (!told.some(matches)) await once(child, 'message')
  }
  await heard((text) => text === 'live')
  return {
    process: child,
    navigated: (ending) => heard((text) => text.endsWith(ending)),
    [Symbol.asyncDispose]: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return
      child.kill('SIGKILL')
      await once(child, 'exit')
    },
  }
}

const pages = {
  '/': '<link rel="icon" href="data:,">opener',
  '/popup': '<link rel="icon" href="data:,"><script>fetch("/ran" + location.search)</script>',
  '/next': '<link rel="icon" href="data:,"><script>fetch("/ran?next")</script>',
}

test('in passive pages load and popups of both kinds run while the collector is stopped, and it tells them when it goes on', async () => {
  await using server = await servePages(pages)
  await using chromium = await launchTestChromium()
  await using driver = await openDriver(chromium.wsUrl)
  await using collector = await startCollector(chromium.wsUrl, 'passive')
  const page = await driver.openPage(`${server.url}/`)
  collector.process.kill('SIGSTOP')
  expect(await page.evaluate("window.open('/popup?1') !== null")).toBe(true)
  await page.evaluate("void window.open('/popup?2', '_blank', 'noopener')")
  await server.seen('/ran?1')
  await server.seen('/ran?2')
  await page.navigate(`${server.url}/next`)
  await server.seen('/ran?next')
  collector.process.kill('SIGCONT')
  for (const ending of ['/popup?1', '/popup?2', '/next']) await collector.navigated(ending)
})

test('in complete a popup waits for a stopped collector, and runs and is told when it goes on', async () => {
  await using server = await servePages(pages)
  await using chromium = await launchTestChromium()
  await using driver = await openDriver(chromium.wsUrl)
  await using collector = await startCollector(chromium.wsUrl, 'complete')
  const page = await driver.openPage(`${server.url}/`)
  await collector.navigated('/')
  collector.process.kill('SIGSTOP')
  // The opener waits inside window.open until the new window may run.
  const opened = page.evaluate("window.open('/popup?1') !== null")
  await driver.send('Target.getTargets')
  expect(server.log.some((request) => request.path === '/ran?1')).toBe(false)
  collector.process.kill('SIGCONT')
  expect(await opened).toBe(true)
  await server.seen('/ran?1')
  await collector.navigated('/popup?1')
})

test.each(['passive', 'complete'] as const)('in %s a killed collector leaves nothing waiting once another one is there', async (mode) => {
  await using server = await servePages(pages)
  await using chromium = await launchTestChromium()
  await using driver = await openDriver(chromium.wsUrl)
  const page = await driver.openPage(`${server.url}/`)
  {
    await using collector = await startCollector(chromium.wsUrl, mode)
    collector.process.kill('SIGSTOP')
    page.evaluate("void window.open('/popup?1')").catch(() => undefined)
    await driver.send('Target.getTargets')
  }
  await using _next = await startCollector(chromium.wsUrl, mode)
  await server.seen('/ran?1')
  const other = await driver.openPage(`${server.url}/`)
  expect(await other.evaluate("window.open('/popup?2') !== null")).toBe(true)
  await server.seen('/ran?2')
})
