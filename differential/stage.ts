// Everything that a differential run needs, started together and ended together: a Chromium, our server beside it in a process of its own,
// its stream, Playwright on the same browser, and the web server of the pages.
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { launchTestChromium } from '@tabscope/cdp/testing'
import { followStream } from '@tabscope/sdk'
import { type Browser, chromium as playwright } from 'playwright-core'
import type { KnownEnvelope } from './envelope.ts'
import { startWebServer, type WebServer } from './web-server.ts'

export type Mode = 'passive' | 'complete'

export interface Stage extends AsyncDisposable {
  readonly mode: Mode
  readonly web: WebServer
  /** Playwright, connected to the browser. */
  readonly browser: Browser
  /** Begins with another Playwright. */
  reconnect(): Promise<void>
  readonly stream: Stream
}

export interface Stream {
  /** Everything that the stream has told, oldest first. */
  readonly envelopes: readonly KnownEnvelope[]
  /** Called after each event. */
  onEvent: () => void
}

const chromiumArgs = [
  '--site-per-process',
  '--disable-popup-blocking',
  // No page can reach the world; what is not ours does not resolve, wherever the run takes place.
  '--host-resolver-rules=MAP *.localhost 127.0.0.1, MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE *.localhost',
  '--autoplay-policy=no-user-gesture-required',
]

/** Everything is captured in full and nothing is redacted, so that whole values can be compared. */
const everything = {
  browser: {
    console: { enabled: true, detail_level: 'verbose' },
    network: { enabled: true, detail_level: 'verbose' },
    page: { enabled: true, detail_level: 'verbose' },
  },
  redaction: { enabled: false },
}

export async function openStage(mode: Mode): Promise<Stage> {
  const chromium = await launchTestChromium({ args: chromiumArgs })
  const web = await startWebServer()
  const collector = await startCollector(chromium.endpoint, mode)
  const ending = new AbortController()
  const answer = await fetch(`${collector.url}/telemetry`, { method: 'PUT', body: JSON.stringify({ ...everything, attach_mode: mode }) })
  if (!answer.ok) throw new Error(`PUT /telemetry: ${answer.status} ${await answer.text()}`)
  const envelopes: KnownEnvelope[] = []
  const stream: Stream = { envelopes, onEvent: () => undefined }
  const reading = readStream(`${collector.url}/telemetry/stream`, ending.signal, (envelope) => {
    envelopes.push(envelope)
    stream.onEvent()
  })
  await reading.opened
  let browser = await playwright.connectOverCDP(chromium.endpoint)
  return {
    mode,
    web,
    get browser() {
      return browser
    },
    reconnect: async () => {
      await browser.close()
      browser = await playwright.connectOverCDP(chromium.endpoint)
    },
    stream,
    [Symbol.asyncDispose]: async () => {
      await browser.close()
      ending.abort()
      await reading.ended
      await endProcess(collector.child)
      await web[Symbol.asyncDispose]()
      await chromium[Symbol.asyncDispose]()
    },
  }
}

async function startCollector(endpoint: string, mode: Mode): Promise<{ child: ChildProcess; url: string }> {
  const file = fileURLToPath(new URL('./collector-process.ts', import.meta.url))
  const child = fork(file, [endpoint, mode], { execArgv: ['--conditions=tabscope-source', '--import', 'tsx'] })
  const [url] = (await Promise.race([once(child, 'message'), once(child, 'exit').then(() => [])])) as [string?]
  if (url === undefined) throw new Error('the server ended before it listened')
  return { child, url }
}

async function endProcess(child: ChildProcess): Promise<void> {
  const ended = once(child, 'exit')
  child.disconnect()
  await ended
}

function readStream(
  url: string,
  signal: AbortSignal,
  take: (envelope: KnownEnvelope) => void,
): { opened: Promise<void>; ended: Promise<void> } {
  let open = (): void => undefined
  const opened = new Promise<void>((resolve) => {
    open = resolve
  })
  const read = async (): Promise<void> => {
    // From the beginning: nothing was captured before.
    const events = followStream({ url, replay: 'all', signal, onConnection: ({ at }) => at === 'live' && open() })
    try {
      for await (const envelope of events) take(envelope as KnownEnvelope)
    } catch (error) {
      if (!signal.aborted) throw error
    }
  }
  return { opened, ended: read() }
}
