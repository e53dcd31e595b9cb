// The DevTools proxy: other clients (Playwright, Puppeteer, an agent) drive the browser through us. Each connection is told in two events;
// the commands it sends are told by command-teller.ts. A Chromium that was started again takes new clients; those of the old one are closed.
import type { Socket } from 'node:net'
import { resolveEndpoint } from '@tabscope/cdp'
import { refuseUpgrade, shownError, type Upgrade } from '@tabscope/http'
import {
  type Clock,
  type DisconnectReason,
  deadline,
  delay,
  type EventDraft,
  limits,
  newRequestId,
  type Publish,
  TelemetryError,
} from '@tabscope/schema'
import type { Logger } from '../log-line.ts'
import { type CommandRules, createCommandTeller } from './command-teller.ts'
import { acceptanceOf, dialUpstream } from './dial.ts'
import { createRelay, type Relay, type RelayEnd } from './relay.ts'

export interface DevtoolsProxyOptions {
  /** The WebSocket URL of the browser; may wait for one that is being started. */
  readonly endpoint: (signal: AbortSignal) => Promise<string>
  readonly publish: Publish
  readonly rules: CommandRules
  /** Marks the browser as in use until the answer is called. */
  readonly hold: () => () => void
  readonly clock: Clock
  readonly logger: Logger
}

export interface DevtoolsProxy {
  /** Takes a connection that asks for `/cdp` or `/devtools/…`. Answers it in every case. */
  take(upgrade: Upgrade): void
  /** Open connections. */
  readonly clients: number
  /** How many there have been. */
  readonly connected: number
  readonly messages: number
  /** Closes all connections, telling `context_cancelled`, and waits until that is told. */
  close(): Promise<void>
}

interface Client {
  readonly relay: Relay
  readonly endpoint: string
  /** To one tab or worker, not to the browser. */
  readonly isOfTab: boolean
}

interface State {
  readonly options: DevtoolsProxyOptions
  readonly stopping: AbortController
  readonly clients: Set<Client>
  /** Connections between their request and their last event. */
  readonly running: Set<Promise<void>>
  /** The endpoint that the newest client went to. */
  endpoint: string | undefined
  connected: number
  messagesOfEnded: number
}

export function createDevtoolsProxy(options: DevtoolsProxyOptions): DevtoolsProxy {
  const state: State = {
    options,
    stopping: new AbortController(),
    clients: new Set(),
    running: new Set(),
    endpoint: undefined,
    connected: 0,
    messagesOfEnded: 0,
  }
  return {
    take: (upgrade) => {
      const run = serveClient(state, upgrade).catch((error: unknown) => {
        const shown = shownError(error)
        if (shown.code === 'internal_error') options.logger.error({ err: error }, 'a DevTools client could not be connected')
        refuseUpgrade(upgrade, shown)
      })
      state.running.add(run)
      void run.finally(() => state.running.delete(run))
    },
    get clients() {
      return state.clients.size
    },
    get connected() {
      return state.connected
    },
    get messages() {
      return state.messagesOfEnded + [...state.clients].reduce((sum, { relay }) => sum + relay.messages, 0)
    },
    close: async () => {
      state.stopping.abort(new TelemetryError('no_browser', {}))
      for (const { relay } of [...state.clients]) relay.end(1001, 'the server stops')
      await Promise.all(state.running)
    },
  }
}

/** One connection from its request to its last event. Rejects when the client is to get an answer instead of a WebSocket. */
async function serveClient(state: State, upgrade: Upgrade): Promise<void> {
  const path = (upgrade.incoming.url ?? '').split('?')[0] ?? ''
  if (upgrade.incoming.headers.upgrade?.toLowerCase() !== 'websocket') throw new TelemetryError('upgrade_required', { path })
  if (state.running.size > limits.cdpClients) throw new TelemetryError('too_many_cdp_clients', { limit: limits.cdpClients })
  const { stopping, options } = state
  const endpoint = await currentEndpoint(state)
  noticeRestart(state, endpoint)
  const session = { id: newRequestId(), startMs: options.clock.monotonicMs() }
  state.connected += 1
  options.publish(connectDraft(session.id))
  const gone = new AbortController()
  upgrade.socket.once('close', () => gone.abort(new TelemetryError('request_aborted', {})))
  try {
    const signal = AbortSignal.any([stopping.signal, gone.signal])
    const upstream = await dialUpstream(upstreamUrl(endpoint, path), upgrade, { clock: options.clock, signal })
    if (gone.signal.aborted) upstream.socket.destroy()
    gone.signal.throwIfAborted()
    await relayUntilEnd(state, { upgrade, upstream, endpoint, session, path })
  } catch (error) {
    const reason = gone.signal.aborted ? 'client_close' : stopping.signal.aborted ? 'context_cancelled' : 'upstream_error'
    options.publish(disconnectDraft(session, { durationMs: options.clock.monotonicMs() - session.startMs, messages: 0, reason }))
    throw error
  }
}

/** A Chromium that is being started again is worth a short wait. */
async function currentEndpoint({ options, stopping }: State): Promise<string> {
  const limit = deadline(options.clock, limits.cdpUpstreamMs, stopping.signal)
  try {
    return await options.endpoint(limit.signal)
  } catch (cause) {
    throw cause instanceof TelemetryError ? cause : new TelemetryError('no_browser', {}, { cause })
  } finally {
    limit.cancel()
  }
}

/** A connection to the Chromium before this one may still look open: its machine may be gone without a word. */
function noticeRestart(state: State, endpoint: string): void {
  if (state.endpoint !== undefined && state.endpoint !== endpoint) {
    for (const client of [...state.clients]) if (client.endpoint !== endpoint) client.relay.end(1012, 'the browser was started again')
  }
  state.endpoint = endpoint
}

/** `/cdp` and any `/devtools/browser/…` are the browser that is there now, also for a client that knows the name of the one before. */
function upstreamUrl(endpoint: string, path: string): URL {
  const url = new URL(endpoint)
  if (isOfTab(path)) url.pathname = path
  return url
}

function isOfTab(path: string): boolean {
  return path !== '/cdp' && !path.startsWith('/devtools/browser/')
}

interface Session {
  readonly id: string
  readonly startMs: number
}

interface Joined {
  readonly upgrade: Upgrade
  readonly upstream: Awaited<ReturnType<typeof dialUpstream>>
  readonly endpoint: string
  readonly session: Session
  readonly path: string
}

async function relayUntilEnd(state: State, { upgrade, upstream, endpoint, session, path }: Joined): Promise<void> {
  const { clock, publish, rules } = state.options
  const client = upgrade.socket as Socket
  const teller = createCommandTeller({ connectionId: session.id, publish, rules })
  let relay: Relay | undefined
  const ended = new Promise<RelayEnd>((onEnd) => {
    client.write(acceptanceOf(upstream))
    // What came with the handshakes is the beginning of what is relayed.
    if (upgrade.head.length > 0) client.unshift(upgrade.head)
    if (upstream.head.length > 0) upstream.socket.unshift(upstream.head)
    relay = createRelay({ client, upstream: upstream.socket, clock, collects: teller.isAsked, onText: teller.tell, onEnd })
  })
  if (relay === undefined) return
  const entry: Client = { relay, endpoint, isOfTab: isOfTab(path) }
  state.clients.add(entry)
  const release = state.options.hold()
  const end = await ended
  release()
  const durationMs = clock.monotonicMs() - session.startMs
  state.clients.delete(entry)
  state.messagesOfEnded += relay.messages
  const reason = await reasonOf(state, end, entry)
  publish(disconnectDraft(session, { durationMs, messages: relay.messages, reason, teller }))
}

/** Why it ended. When the browser's side did, a new endpoint within a while tells a restart from an error. */
async function reasonOf(state: State, end: RelayEnd, { endpoint, isOfTab }: Client): Promise<DisconnectReason> {
  const { stopping, options } = state
  if (end === 'client') return 'client_close'
  if (stopping.signal.aborted) return 'context_cancelled'
  if (end === 'us') return 'upstream_changed'
  const limit = deadline(options.clock, limits.cdpUpstreamMs, stopping.signal)
  try {
    while (!limit.signal.aborted) {
      await delay(options.clock, limits.cdpUpstreamPollMs, limit.signal).catch(() => undefined)
      // The end of a tab ends the connections to it, and the browser lives on: that is no restart to wait for.
      if (isOfTab && (await lives(endpoint, { clock: options.clock, signal: limit.signal }))) return 'upstream_error'
      // Between two Chromiums there is none to be had, which is no error here.
      const now = await options.endpoint(limit.signal).catch(() => undefined)
      if (now !== undefined && now !== endpoint) return 'upstream_changed'
    }
    return 'upstream_error'
  } finally {
    limit.cancel()
  }
}

/** Whether the browser behind this endpoint still answers. */
async function lives(endpoint: string, options: { clock: Clock; signal: AbortSignal }): Promise<boolean> {
  const { host, protocol } = new URL(endpoint)
  const found = await resolveEndpoint(`${protocol}//${host}`, options).catch(() => undefined)
  return found === endpoint
}

function connectDraft(connectionId: string): EventDraft<'cdp_connect'> {
  return {
    type: 'cdp_connect',
    category: 'connection',
    detailLevel: 'standard',
    source: { kind: 'kernel_api' },
    data: { connection_id: connectionId },
  }
}

interface Outcome {
  readonly durationMs: number
  readonly messages: number
  readonly reason: DisconnectReason
  readonly teller?: { readonly dropped: number; readonly excluded: number }
}

function disconnectDraft({ id }: Session, { durationMs, messages, reason, teller }: Outcome): EventDraft<'cdp_disconnect'> {
  return {
    type: 'cdp_disconnect',
    category: 'connection',
    detailLevel: 'standard',
    source: { kind: 'kernel_api' },
    data: {
      duration_ms: Math.round(durationMs),
      message_count: messages,
      reason,
      connection_id: id,
      telemetry_dropped: teller?.dropped ?? 0,
      telemetry_excluded: teller?.excluded ?? 0,
    },
  }
}
