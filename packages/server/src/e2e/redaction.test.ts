// Secrets in every place that a page and its servers can put one, captured at the highest level through the real server; then every byte
// that the server keeps or gives away is searched for each of them.
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { PageHandler } from '@tabscope/cdp/testing'
import { expect, test } from 'vitest'
import { useSecrets } from '../testing/secret-page.ts'
import { createSecretSite } from '../testing/secret-site.ts'
import { openStage } from '../testing/stage.ts'

const everything = {
  browser: Object.fromEntries(
    ['console', 'network', 'page', 'interaction'].map((category) => [category, { enabled: true, detail_level: 'raw' }]),
  ),
}

async function everyByteOf(folder: string): Promise<Map<string, string>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
  return new Map(await Promise.all(files.map(async (file) => [file.slice(folder.length), await readFile(file, 'latin1')] as const)))
}

test('no secret of a page is in the stream, in any byte on disk, in the metrics, in the history or in the log', async () => {
  const site = createSecretSite()
  const log: string[] = []
  await using stage = await openStage({ ...site, config: everything, ownLog: (line) => log.push(line), tail: { text: true } })
  const { tail } = stage
  const tab = await stage.emptyTab()
  const { port } = stage.site
  await tab.navigate(`http://ada:${site.plant('userinfo')}@127.0.0.1:${port}/?first`)
  // From a document with user information no fetch can be made.
  await tab.navigate(`http://localhost:${port}/?code=${site.plant('document query')}#access_token=${site.plant('document fragment')}`)
  await tab.evaluate(useSecrets(site))
  for (const type of ['mousePressed', 'mouseReleased'])
    await stage.driver.send('Input.dispatchMouseEvent', { type, x: 20, y: 20, button: 'left', clickCount: 1 }, tab.sessionId)
  await tail.event('interaction_click')
  tab
    .evaluate(
      `void (alert('token=' + ${JSON.stringify(site.plant('dialog'))}), prompt('name?', 'password=' + ${JSON.stringify(site.plant('prompt'))}))`,
    )
    .catch(() => undefined)
  for (const count of [1, 2]) {
    await tail.until('a dialog', () => tail.of('page_dialog_opened').length === count)
    await stage.driver.send('Page.handleJavaScriptDialog', { accept: true }, tab.sessionId)
  }
  await tail.event('page_download_started')
  await tail.event('network_websocket_closed')
  await tail.event('network_response', ({ url }) => String(url).includes('/popup'))
  await tail.event('network_loading_failed', ({ url }) => String(url).startsWith('http://127.0.0.1:1/'))
  await tab.evaluate("console.log('the end')")
  await tail.event('console_log', ({ text }) => text === 'the end')
  const history = await (await fetch(`${stage.collector.url}/telemetry/events?limit=1000`)).text()
  const places: Record<string, string> = { stream: tail.text(), metrics: await stage.metrics(), history, log: log.join('') }
  for (const [file, bytes] of await everyByteOf(stage.dataDirectory)) places[file] = bytes
  const leaks = Object.entries(places).flatMap(([where, text]) => site.leaksIn(text).map((place) => `${where}: ${place}`))
  // The control: the events are there, and say what was replaced.
  expect(tail.text().split('[redacted]').length).toBeGreaterThan(60)
  expect(tail.of('network_websocket_frame').length).toBeGreaterThan(1)
  expect(tail.of('network_request').every(({ cdp }) => cdp !== undefined)).toBe(true)
  expect(Object.keys(places).length).toBeGreaterThan(5)
  expect(leaks).toEqual([])
})

test('what is typed into a sensitive field is in no byte of the stream, the history or the disk', async () => {
  // Three bytes each: two stand now and then in a checksum of the disk's binary files, by chance.
  const typed = ['ᚠ', 'ᚢ', 'ᚦ']
  const fields =
    '<!doctype html><link rel=icon href="data:,"><input id=secret type=password><input id=code autocomplete=one-time-code><input id=plain>'
  const pages: PageHandler = (_request, response) => response.writeHead(200, { 'content-type': 'text/html' }).end(fields)
  await using stage = await openStage({ pages, config: everything, tail: { text: true } })
  const { driver, tail } = stage
  const tab = await stage.emptyTab()
  await tab.navigate(`http://localhost:${stage.site.port}/`)
  await tail.event('page_load', ({ target_id, url }) => target_id === tab.targetId && String(url).startsWith('http'))
  const press = async (key: string): Promise<void> => {
    await driver.send('Input.dispatchKeyEvent', { type: 'keyDown', text: key, key }, tab.sessionId)
    await driver.send('Input.dispatchKeyEvent', { type: 'keyUp', key }, tab.sessionId)
  }
  // Two sensitive fields and one that is not, beside each other.
  for (const [index, x] of [20, 200, 380].entries()) {
    for (const type of ['mousePressed', 'mouseReleased'])
      await driver.send('Input.dispatchMouseEvent', { type, x, y: 20, button: 'left', clickCount: 1 }, tab.sessionId)
    for (const key of index === 2 ? ['o', 'k'] : typed) await press(key)
  }
  const word = typed.join('')
  expect(await tab.evaluate('[secret.value, code.value, plain.value]')).toEqual([word, word, 'ok'])
  await tail.until('the keys that may be told', () => tail.of('interaction_key').length >= 2)
  const history = await (await fetch(`${stage.collector.url}/telemetry/events?limit=1000`)).text()
  const disk = [...(await everyByteOf(stage.dataDirectory)).values()].map((bytes) => Buffer.from(bytes, 'latin1').toString())
  expect(tail.of('interaction_key').map(({ key }) => key)).toEqual(['o', 'k'])
  expect(tail.of('interaction_click').map(({ selector }) => selector)).toEqual(['#secret', '#code', '#plain'])
  const everyByte = [tail.text(), history, ...disk].join('')
  expect(typed.filter((key) => everyByte.includes(key) || everyByte.includes(encodeURIComponent(key)))).toEqual([])
})
