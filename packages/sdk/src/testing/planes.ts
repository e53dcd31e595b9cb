// A control plane and a browser's server as two recording servers, and a client for them with a hand-cranked clock that never waits.
import { createManualClock, type ManualClock } from '@tabscope/schema/clock'
import type { Browser } from '../browser-types.ts'
import { type ClientOptions, Tabscope } from '../client.ts'
import { type RecordingServer, type Reply, replyJson, startRecordingServer } from './recording-server.ts'
import { frame, openStream } from './scripted-server.ts'

export interface Planes extends AsyncDisposable {
  readonly control: RecordingServer
  readonly vm: RecordingServer
  readonly client: Tabscope
  readonly clock: ManualClock
  /** The waits that the client made, in ms. */
  readonly waits: readonly number[]
  /** A browser object whose server is `vm`. */
  browser(more?: Partial<Browser>): Browser
}

export interface PlanesOptions extends ClientOptions {
  readonly onControl?: Reply
  readonly onVm?: Reply
}

/** Unless told otherwise the control plane answers any browser path with the browser, and the browser's server what is expected of it. */
export async function startPlanes({ onControl, onVm, ...options }: PlanesOptions = {}): Promise<Planes> {
  const vm = await startRecordingServer(onVm ?? replyAsBrowser)
  const browser = (more: Partial<Browser> = {}): Browser => browserAt(`${vm.url}/browser/b1`, more)
  const control = await startRecordingServer(
    onControl ??
      ((response, request) =>
        /^\/browsers(\/[^/]+)?$/.test(request.path) ? replyJson(response, browser()) : replyAsBrowser(response, request)),
  )
  const clock = createManualClock()
  const waits: number[] = []
  const hurried: ManualClock = { ...clock, schedule: (atMs, run) => scheduleHurried(clock, { atMs, run, waits }) }
  const client = new Tabscope({ apiKey: 'key', baseURL: control.url, clock: hurried, random: () => 0, ...options })
  return {
    control,
    vm,
    client,
    clock,
    waits,
    browser,
    [Symbol.asyncDispose]: async () => {
      await control[Symbol.asyncDispose]()
      await vm[Symbol.asyncDispose]()
    },
  }
}

/** Planes whose client knows the route of b1. */
export async function knowing(options: PlanesOptions = {}): Promise<Planes> {
  const planes = await startPlanes(options)
  await planes.client.browsers.create()
  return planes
}

/** A call that is on the list of what is routed. */
export function curl(client: Tabscope, id = 'b1'): Promise<unknown> {
  return client.browsers.curl(id, { url: 'http://example.test/' })
}

/** Waits of up to 10 s are back-offs: they are noted and over at once. Longer ones are deadlines: a test moves the clock for them. */
function scheduleHurried(clock: ManualClock, { atMs, run, waits }: { atMs: number; run: () => void; waits: number[] }): () => void {
  const waitMs = atMs - clock.monotonicMs()
  if (waitMs > 10_000) return clock.schedule(atMs, run)
  waits.push(waitMs)
  const turn = setImmediate(run)
  return () => clearImmediate(turn)
}

export function browserAt(baseUrl: string, more: Partial<Browser> = {}): Browser {
  return {
    session_id: 'b1',
    cdp_ws_url: `${baseUrl.replace(/^http/, 'ws')}/cdp?jwt=token1`,
    webdriver_ws_url: 'ws://127.0.0.1/webdriver',
    created_at: '2026-01-02T03:04:05Z',
    headless: true,
    stealth: false,
    timeout_seconds: 60,
    base_url: baseUrl,
    ...more,
  }
}

function replyAsBrowser(response: Parameters<Reply>[0], { path }: Parameters<Reply>[1]): void {
  if (path.endsWith('/telemetry/stream')) openStream(response).end(frame(1))
  else if (path.endsWith('/curl')) replyJson(response, { status: 200, headers: {}, body: '', duration_ms: 1 })
  else replyJson(response, [])
}
