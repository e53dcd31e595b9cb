// Pages that want to break the collector, each beside an ordinary tab, through the real server to its stream. They run small here;
// `npm run soak -- hostile` runs them in full size and measures the memory of the collector.
import { launchTestChromium, type TestChromium } from '@tabscope/cdp/testing'
import { limits } from '@tabscope/schema'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { dataOfEnvelope, type EventData } from '../testing/event-tail.ts'
import { type HostileRun, openHostileRun, undisturbed } from '../testing/hostile-run.ts'

let chromium: TestChromium

beforeAll(async () => {
  chromium = await launchTestChromium()
})

// Every outcome is `undisturbed`, which says: the other tab lost nothing, what was cut says so, and no part of the collector had more in
// memory than its bound, as its own metrics tell.
afterAll(async () => {
  await chromium[Symbol.asyncDispose]()
})

const open = (): Promise<HostileRun> => openHostileRun({ chromium, tail: { text: true } })

/** What the stream tells of the hostile page, of one type. */
function told(run: HostileRun, type: string): EventData[] {
  return run.tail.of(type).filter(({ target_id }) => target_id === run.page.targetId)
}

/** Requests of the hostile page that do not have exactly one end. An answer that breaks off is told before its failure, and the two are one. */
function oddEnds(run: HostileRun): string[] {
  const balance = new Map<unknown, { requests: number; whole: number; begun: number; failed: number }>()
  const of = (id: unknown): { requests: number; whole: number; begun: number; failed: number } => {
    const known = balance.get(id) ?? { requests: 0, whole: 0, begun: 0, failed: 0 }
    balance.set(id, known)
    return known
  }
  for (const { request_id } of told(run, 'network_request')) of(request_id).requests++
  for (const { request_id, body_complete } of told(run, 'network_response')) of(request_id)[body_complete === false ? 'begun' : 'whole']++
  for (const { request_id } of told(run, 'network_loading_failed')) of(request_id).failed++
  const oddOf = (id: unknown): number => {
    const { requests, whole, begun, failed } = of(id)
    return requests - whole - Math.max(begun, failed)
  }
  return told(run, 'network_request')
    .filter(({ request_id }) => oddOf(request_id) !== 0)
    .map(({ url, request_id }) => `${String(url)} ${oddOf(request_id)}`)
}

const everyEnd = (run: HostileRun): Promise<void> => run.tail.until('the end of every request', () => oddEnds(run).length === 0)

const range = (count: number): number[] => Array.from({ length: count }, (_, index) => index)

test('a burst of console calls: every one is told, in its order', async () => {
  await using run = await open()
  const outcome = await run.visit('/console-burst.html?count=3000', 'burst over')
  expect(run.texts.filter((text) => /^burst \d/.test(text))).toEqual(range(3000).map((index) => `burst ${index + 1}`))
  expect(outcome).toEqual(undisturbed)
})

test('strings of megabytes: every event is there, cut to its bounds, and says what was cut', async () => {
  await using run = await open()
  const outcome = await run.visit('/huge-strings.html?bytes=3000000', 'huge over')
  await everyEnd(run)
  const cut = run.tail.kept.flatMap((envelope) => {
    const { truncated_fields: fields } = dataOfEnvelope(envelope)
    return fields === undefined ? [] : [`${envelope.event.type}: ${String(fields)}`]
  })
  const isMarked = run.tail.kept.every(
    (envelope) => (dataOfEnvelope(envelope)['truncated_fields'] !== undefined) === (envelope.event.truncated === true),
  )
  const sizes = run.tail
    .text()
    .split('\n')
    .map((line) => Buffer.byteLength(line))
  expect(outcome).toEqual(undisturbed)
  expect(isMarked).toBe(true)
  expect(cut.sort()).toEqual([
    ...['console_error: text', 'console_error: text', 'console_error: text,args,args_preview', 'console_log: text,args,args_preview'],
    ...['console_log: text,args,args_preview', 'console_log: text,args,args_preview'],
    ...['network_request: post_data', 'network_response: body'],
  ])
  expect(Math.max(...sizes)).toBeLessThanOrEqual(limits.recordBytes + 'data: '.length)
})

test('frames that come and go: each call of each frame is told once', async () => {
  await using run = await open()
  const outcome = await run.visit('/frames.html?count=120', 'frames over')
  const numbers = run.texts.flatMap((text) => (/^frame \d/.test(text) ? [Number(text.split(' ')[1])] : []))
  expect(numbers.sort((one, other) => one - other)).toEqual(range(120))
  expect(told(run, 'page_navigation').filter(({ url }) => url === 'about:srcdoc')).toHaveLength(120)
  expect(outcome).toEqual(undisturbed)
})

test('redirects without end, and documents that go on for ever: each hop that the server saw is told once, each with its end', async () => {
  await using run = await open()
  const outcome = await run.visit('/redirects.html?documents=5', 'documents over')
  const seen = run.site.log.map(({ path }) => path).filter((path) => path.startsWith('/redirect'))
  await everyEnd(run)
  const requests = told(run, 'network_request').map(({ url }) => String(url).slice(run.site.url.length))
  expect(requests.filter((path) => path.startsWith('/redirect')).sort()).toEqual(seen.sort())
  expect(told(run, 'page_navigation').map(({ nav_seq }) => nav_seq)).toEqual([1, 2, 3, 4, 5, 6])
  expect(outcome).toEqual(undisturbed)
  // The control of all these outcomes: the counters do count.
  const counted = ['ring bytes', 'open_requests bytes', 'open_requests_of_a_session items', 'sessions items', 'frames_of_a_tab items']
  expect(counted.filter((part) => (run.most.get(part) ?? 0) === 0)).toEqual([])
})

test('pushState without end: each that Chromium let through is a route of the same navigation', async () => {
  await using run = await open()
  const outcome = await run.visit('/push-state.html?count=300', 'push over')
  const routes = told(run, 'page_navigated_within_document')
  expect(routes.map(({ nav_seq, route_seq }) => [nav_seq, route_seq])).toEqual(routes.map((_, index) => [1, index + 1]))
  expect(routes.length).toBeGreaterThan(100)
  expect(outcome).toEqual(undisturbed)
})

test('objects that bite whoever looks: every call is told, and nothing of the page is run for it', async () => {
  await using run = await open()
  const outcome = await run.visit('/objects.html', 'objects over')
  expect(await run.page.evaluate('touched')).toEqual([])
  expect(told(run, 'console_log').length).toBe(41)
  expect(told(run, 'console_error').map(({ text }) => String(text).split('\n')[0])).toEqual(['Error: with getters'])
  expect(outcome).toEqual(undisturbed)
})

test('a page whose every function was replaced: a click is told, and none of the replacements was called for it', async () => {
  await using run = await open()
  const outcome = await run.visit('/prototypes.html', 'prototypes over', { act: (page) => click(run, page.sessionId, '#go') })
  expect(told(run, 'interaction_click').map(({ selector, text }) => [selector, text])).toEqual([['#go', 'Go']])
  // Read by another client, natively: neither the reading nor the waiting for it runs anything of the page.
  expect(await run.page.evaluate('used')).toEqual([])
  // The control: the page does note who calls one of its functions.
  expect(await run.page.evaluate('(document.querySelector("#go"), used)')).toEqual(['querySelector'])
  expect(outcome).toEqual(undisturbed)
})

test('forged messages, events and calls are no interactions', async () => {
  await using run = await open()
  const outcome = await run.visit('/forged.html', 'forged over', { act: (page) => click(run, page.sessionId, '#go') })
  expect(told(run, 'interaction_click').map(({ selector, text }) => [selector, text])).toEqual([['#go', 'Go']])
  expect(outcome).toEqual(undisturbed)
})

// A click lands only once the page is there; the stream says when.
async function click(run: HostileRun, sessionId: string, selector: string): Promise<void> {
  await run.tail.event('page_load', ({ target_id, url }) => target_id === run.page.targetId && String(url).includes('.html'))
  const mouse = { x: 30, y: 10, button: 'left', clickCount: 1 }
  for (const type of ['mousePressed', 'mouseReleased']) await run.driver.send('Input.dispatchMouseEvent', { type, ...mouse }, sessionId)
  await run.tail.event('interaction_click', ({ selector: told }) => told === selector)
}

test('control characters, separators and broken UTF-16 everywhere: the stream stays well-formed, one event a frame', async () => {
  await using run = await open()
  const outcome = await run.visit('/characters.html', 'characters over')
  await everyEnd(run)
  const text = run.tail.text()
  const frames = text.split('\n\n').filter((frame) => frame !== '' && frame !== ':')
  expect(frames.filter((frame) => !/^id: \d+\ndata: [^\n]*$/.test(frame))).toEqual([])
  expect(frames.map((frame) => /^id: (\d+)\ndata: \{"seq":(\d+),/.exec(frame)).filter((ids) => ids?.[1] !== ids?.[2])).toEqual([])
  expect(text.replaceAll('\\\\', '').match(/\\u[dD][89a-fA-F]/g)).toBeNull()
  expect(run.texts.filter((each) => each === 'high \ufffd alone' || each === 'nul\0and\u0007bell\u001b[31mred\u001b[0m')).toHaveLength(2)
  expect(outcome).toEqual(undisturbed)
})

test('names that every object has change nothing in the collector and are told as they are', async () => {
  await using run = await open()
  const outcome = await run.visit('/names.html', 'names over')
  await everyEnd(run)
  const names = run.tail.of('network_response').flatMap(({ headers }) => Object.getOwnPropertyNames(headers))
  expect(names).toContain('__proto__')
  expect(Object.getOwnPropertyNames({}).concat(Object.keys(Object.prototype))).toEqual([])
  expect(Reflect.get({}, 'polluted')).toBeUndefined()
  expect(outcome).toEqual(undisturbed)
})

test('a service worker that answers with garbage: each request of the page is told with one end', async () => {
  await using run = await open()
  const outcome = await run.visit('/worker-garbage.html', 'garbage over')
  await everyEnd(run)
  expect(told(run, 'network_request').filter(({ url }) => String(url).includes('/garbage/')).length).toBe(16)
  expect(outcome).toEqual(undisturbed)
})

test('dialog after dialog: each is told with its end, cut to its bound, and keeps no other tab waiting', async () => {
  await using run = await open()
  const answer = async (): Promise<void> => {
    const isThere = (count: number) => (): boolean => told(run, 'page_dialog_opened').length >= count
    for (const count of range(15)) {
      await run.tail.until(`dialog ${count + 1}`, isThere(count + 1))
      await run.driver.send('Page.handleJavaScriptDialog', { accept: true }, run.page.sessionId)
    }
  }
  await run.driver.send('Page.enable', {}, run.page.sessionId)
  const outcome = await run.visit('/alerts.html?count=5', 'alerts over', { act: answer })
  const opened = told(run, 'page_dialog_opened')
  expect(opened.map(({ dialog_type }) => dialog_type)).toEqual(range(5).flatMap(() => ['alert', 'confirm', 'prompt']))
  expect(told(run, 'page_dialog_closed')).toHaveLength(15)
  expect(Math.max(...opened.map(({ message }) => Buffer.byteLength(String(message))))).toBe(limits.dialogTextBytes)
  expect(new Set(opened.map(({ default_prompt: text }) => text))).toEqual(new Set([undefined, 'password=[redacted]']))
  expect(outcome).toEqual(undisturbed)
})

test('a page that takes memory until it crashes: the crash is told with the end of its requests, and the other tab goes on', async () => {
  await using run = await openHostileRun({ chromiumArgs: ['--js-flags=--max-old-space-size=32'] })
  const crashed = (): Promise<void> =>
    run.tail.event('page_crashed', ({ target_id }) => target_id === run.page.targetId).then(() => undefined)
  const outcome = await run.visit('/crash.html', 'crash begins', { act: crashed })
  await everyEnd(run)
  const failures = told(run, 'network_loading_failed').map(
    ({ url, error_text }) => `${String(url).slice(run.site.url.length)} ${String(error_text)}`,
  )
  // Its document may have been on its way still.
  expect(failures.filter((failure) => failure !== '/crash.html target_crashed')).toEqual(['/hang target_crashed'])
  expect(outcome).toEqual(undisturbed)
})
