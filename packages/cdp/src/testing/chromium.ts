// A real Chromium for tests: headless, on a fresh profile, gone when the test is. It holds a pipe to this process, so that it
// also dies when the tests are killed. Never for production: packages/browser launches those.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { abortable, deadline, systemClock } from '@tabscope/schema'
import { openConnection } from '../connection.ts'
import { openWebSocket } from '../websocket.ts'

export interface TestChromium extends AsyncDisposable {
  /** `http://127.0.0.1:port` */
  readonly endpoint: string
  /** The browser target's WebSocket URL. */
  readonly wsUrl: string
  readonly pid: number
  /** Ends it at once, as a crash would, and waits until it is gone. */
  kill(): Promise<void>
}

export interface TestChromiumOptions {
  /** More command line flags, such as `--site-per-process`. */
  readonly args?: readonly string[]
  /** 0 (default) lets Chromium choose; a fixed port lets a second one take the first one's place. */
  readonly port?: number
  /** Default `CHROMIUM_PATH`, else /usr/bin/chromium. */
  readonly path?: string
}

const baseArgs = [
  '--headless=new',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--disable-dev-shm-usage',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--remote-debugging-pipe',
]
const startTimeoutMs = 30_000
const profilePrefix = 'tabscope-test-chromium-'

/** Starts a Chromium and waits until it has its first tab, which is there a moment after its DevTools port and would be news to some tests. */
export async function launchTestChromium(options: TestChromiumOptions = {}): Promise<TestChromium> {
  await sweepProfiles()
  const profile = await mkdtemp(join(tmpdir(), `${profilePrefix}${process.pid}-`))
  const path = options.path ?? process.env['CHROMIUM_PATH'] ?? '/usr/bin/chromium'
  const args = [
    ...baseArgs,
    ...(options.args ?? []),
    `--remote-debugging-port=${options.port ?? 0}`,
    `--user-data-dir=${profile}`,
    'about:blank',
  ]
  const child = spawn(path, args, { stdio: ['ignore', 'ignore', 'pipe', 'pipe', 'pipe'] })
  const exited = once(child, 'exit')
  const kill = async (): Promise<void> => {
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL')
    await exited
  }
  const dispose = async (): Promise<void> => {
    await kill()
    // Renderers outlive the browser process by some milliseconds and may still write into the profile.
    await rm(profile, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 })
  }
  try {
    const wsUrl = await readWebSocketUrl(child)
    await untilFirstTab(wsUrl)
    return { endpoint: `http://${new URL(wsUrl).host}`, wsUrl, pid: child.pid ?? 0, kill, [Symbol.asyncDispose]: dispose }
  } catch (error) {
    await dispose()
    throw error
  }
}

// A test process that is killed leaves its profiles behind; the next one to start a Chromium takes them away.
async function sweepProfiles(): Promise<void> {
  const names = (await readdir(tmpdir())).filter((name) => name.startsWith(profilePrefix))
  const left = names.filter((name) => !isRunning(Number.parseInt(name.slice(profilePrefix.length), 10)))
  // Somebody else may be taking the same one away.
  await Promise.all(left.map((name) => rm(join(tmpdir(), name), { recursive: true, force: true }).catch(() => undefined)))
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    // EPERM: it runs, but is not ours. Only ESRCH says that there is none.
    return !(error instanceof Error && 'code' in error && error.code === 'ESRCH')
  }
}

async function untilFirstTab(wsUrl: string): Promise<void> {
  const limit = deadline(systemClock, startTimeoutMs)
  let seen = (): void => undefined
  const first = new Promise<void>((resolve) => {
    seen = resolve
  })
  try {
    const connection = await openConnection({
      open: openWebSocket(wsUrl),
      clock: systemClock,
      wanted: new Set(),
      onMessage: ({ method }) => method === 'Target.targetCreated' && seen(),
      onClosed: () => undefined,
      signal: limit.signal,
    })
    await connection.send(undefined, 'Target.setDiscoverTargets', { discover: true, filter: [{ type: 'page' }] })
    await abortable(first, limit.signal)
    connection.close()
  } finally {
    limit.cancel()
  }
}

function readWebSocketUrl(child: ChildProcess): Promise<string> {
  const limit = deadline(systemClock, startTimeoutMs)
  let text = ''
  return new Promise<string>((resolve, reject) => {
    child.stderr?.on('data', (chunk: Buffer) => {
      // Read to the end of its life, or a full pipe would stop it.
      if (text.length < 100_000) text += chunk.toString()
      const match = /DevTools listening on (ws:\/\/\S+)/.exec(text)
      if (match?.[1] !== undefined) resolve(match[1])
    })
    // The pipe's own traffic is not used, only its end; a write to a dead Chromium must not end the test process.
    for (const stream of child.stdio) stream?.on('error', () => undefined)
    child.once('error', reject)
    child.once('exit', (code, signal) => reject(new Error(`Chromium ended at its start (${code ?? signal}):\n${text.slice(-2000)}`)))
    limit.signal.addEventListener('abort', () =>
      reject(new Error(`Chromium opened no DevTools port within ${startTimeoutMs} ms:\n${text.slice(-2000)}`)),
    )
  }).finally(() => limit.cancel())
}
