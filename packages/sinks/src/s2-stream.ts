// One S2 stream through the official client: its tail, its records, appends in order. Every call has a deadline; what fails says so
// without the token in it. Knows nothing of events. The client is loaded when it is first needed: most servers never need it.
import type { AppendSession, AppendRecord as S2AppendRecord, S2Stream as S2ClientStream } from '@s2-dev/streamstore'
import { type Clock, deadline, limits } from '@tabscope/schema'
import { type S2Settings, s2Destination } from './s2-settings.ts'
import { messageOf } from './sink-trouble.ts'

/** A record that stands in the stream. */
export interface S2Record {
  readonly position: number
  /** Undefined for S2's own commands (fences, trims), which are no events. */
  readonly body: Uint8Array | undefined
}

/** The stream ended elsewhere than expected: nothing of that append was written. */
export class S2Mismatch extends Error {
  override readonly name = 'S2Mismatch'
}

export interface S2Append {
  readonly bodies: readonly { readonly body: Uint8Array; readonly timestampMs: number }[]
  /** Written only when the stream ends exactly here. */
  readonly position: number
}

/** Appends over one connection, several under way at a time. After any failure it is of no use any more. */
export interface S2Line {
  /**
   * Resolves when it was handed over, to what resolves to the stream's end behind it when it is durable. Rejects with `S2Mismatch`, and
   * when no answer comes for `limits.s2RequestMs`.
   */
  append(append: S2Append): Promise<{ readonly end: Promise<number> }>
  /** Lets go of the connection at once. */
  drop(): void
}

export interface S2Stream extends AsyncDisposable {
  readonly destination: string
  /** Where the next record goes: the number of records ever written. 0 also when there is no such stream. */
  tail(signal: AbortSignal): Promise<number>
  /** Records from `position` on, at most `count`; fewer when they are large. None at the end, and where they were trimmed away. */
  read(position: number, count: number, signal: AbortSignal): Promise<readonly S2Record[]>
  /** Makes the stream if it is not there. */
  ensure(signal: AbortSignal): Promise<void>
  line(signal: AbortSignal): Promise<S2Line>
  close(): Promise<void>
}

type Client = typeof import('@s2-dev/streamstore')

interface State {
  readonly settings: S2Settings
  readonly clock: Clock
  client: Promise<Client> | undefined
  handle: S2ClientStream | undefined
  readonly closings: Set<Promise<void>>
}

/** The text of an error without the token, whoever put it there. */
function cleanError(error: unknown, { settings }: State): Error {
  const text = messageOf(error).replaceAll(settings.accessToken(), '[redacted]')
  return new Error(`${s2Destination(settings)}: ${text}`)
}

function endpointsOf({ accountEndpoint, basinEndpoint }: S2Settings): { account?: string; basin?: string } {
  return {
    ...(accountEndpoint === undefined ? {} : { account: accountEndpoint }),
    ...(basinEndpoint === undefined ? {} : { basin: basinEndpoint }),
  }
}

function clientOf(state: State): Promise<Client> {
  state.client ??= import('@s2-dev/streamstore')
  return state.client
}

async function basinOf(state: State): Promise<InstanceType<Client['S2Basin']>> {
  const { settings } = state
  const { S2 } = await clientOf(state)
  // Trying again is the pump's business: a repetition inside the client could write a batch twice.
  const s2 = new S2({
    accessToken: settings.accessToken(),
    endpoints: endpointsOf(settings),
    retry: { maxAttempts: 1, appendRetryPolicy: 'noSideEffects' },
    requestTimeoutMillis: limits.s2RequestMs,
    connectionTimeoutMillis: limits.s2ConnectMs,
  })
  return s2.basin(settings.basin)
}

async function handleOf(state: State): Promise<S2ClientStream> {
  state.handle ??= (await basinOf(state)).stream(state.settings.stream)
  return state.handle
}

/** Lets go of the client's connections; the next call makes new ones. A closing that hangs on a dead connection keeps nobody waiting. */
function letGo(state: State): void {
  const { handle } = state
  state.handle = undefined
  if (handle === undefined) return
  const closing = handle.close().catch(() => undefined)
  state.closings.add(closing)
  void closing.finally(() => state.closings.delete(closing))
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'stream_not_found'
}

/** Under a deadline of its own; when it fails the error is fit to be shown. */
async function call<Result>(state: State, signal: AbortSignal, run: (signal: AbortSignal) => Promise<Result>): Promise<Result> {
  signal.throwIfAborted()
  const patience = deadline(state.clock, limits.s2RequestMs, signal)
  try {
    return await untilAborted(run(patience.signal), patience.signal)
  } catch (error) {
    signal.throwIfAborted()
    if (error instanceof S2Mismatch) throw error
    throw cleanError(error, state)
  } finally {
    patience.cancel()
  }
}

/** What `work` comes to, or the signal's reason as soon as it is aborted; what then becomes of the work is nobody's business any more. */
export async function untilAborted<Result>(work: Promise<Result>, signal: AbortSignal): Promise<Result> {
  let stop = (): void => undefined
  const aborted = new Promise<never>((_, reject) => {
    stop = () => reject(signal.reason)
    signal.addEventListener('abort', stop, { once: true })
    if (signal.aborted) stop()
  })
  try {
    return await Promise.race([work, aborted])
  } finally {
    signal.removeEventListener('abort', stop)
    work.catch(() => undefined)
  }
}

async function tail(state: State, signal: AbortSignal): Promise<number> {
  return call(state, signal, async (limited) => {
    try {
      const stream = await handleOf(state)
      return (await stream.checkTail({ signal: limited })).tail.seqNum
    } catch (error) {
      if (isMissing(error)) return 0
      throw error
    }
  })
}

// S2's commands are records whose one header has an empty name.
function isCommand(headers: readonly (readonly [Uint8Array, Uint8Array])[]): boolean {
  return headers.length === 1 && headers[0]?.[0].length === 0
}

async function read(state: State, position: number, count: number, signal: AbortSignal): Promise<S2Record[]> {
  return call(state, signal, async (limited) => {
    const { RangeNotSatisfiableError } = await clientOf(state)
    try {
      const stream = await handleOf(state)
      const stop = { limits: { count, bytes: limits.s2ReadBytes } }
      const { records } = await stream.read({ start: { from: { seqNum: position } }, stop }, { as: 'bytes', signal: limited })
      return records.map(({ seqNum, body, headers }) => ({ position: seqNum, body: isCommand(headers) ? undefined : body }))
    } catch (error) {
      // Nothing from there on.
      if (error instanceof RangeNotSatisfiableError || isMissing(error)) return []
      throw error
    }
  })
}

async function ensure(state: State, signal: AbortSignal): Promise<void> {
  await call(state, signal, async (limited) => {
    const basin = await basinOf(state)
    await basin.streams.ensure({ stream: state.settings.stream }, { signal: limited })
  })
}

async function openLine(state: State, signal: AbortSignal): Promise<S2Line> {
  const client = await clientOf(state)
  const session = await call(state, signal, async () => (await handleOf(state)).appendSession({ maxInflightBytes: limits.s2InFlightBytes }))
  // The client keeps every acknowledgement until somebody reads it.
  const reading = session.readable.pipeTo(new WritableStream()).catch(() => undefined)
  void reading
  return {
    append: (append) => submit({ state, client, session }, append),
    drop: () => {
      session.writable.abort('let go').catch(() => undefined)
      letGo(state)
    },
  }
}

interface Submission {
  readonly state: State
  readonly client: Client
  readonly session: AppendSession
}

async function submit({ state, client, session }: Submission, { bodies, position }: S2Append): Promise<{ end: Promise<number> }> {
  const records: S2AppendRecord[] = bodies.map(({ body, timestampMs }) => client.AppendRecord.bytes({ body, timestamp: timestampMs }))
  const ticket = await session.submit(client.AppendInput.create(records, { matchSeqNum: position })).catch((error: unknown) => {
    throw cleanError(error, state)
  })
  const end = ticket.ack().then(
    (ack) => ack.end.seqNum,
    (error: unknown) => {
      if (error instanceof client.SeqNumMismatchError)
        throw new S2Mismatch(`the stream ends at ${error.expectedSeqNum}, not at ${position}`)
      throw cleanError(error, state)
    },
  )
  // Whoever waits for it is told; when nobody does, an earlier one of the line has failed.
  end.catch(() => undefined)
  return { end }
}

/** The stream of these settings. Nothing is asked of S2 before the first call. */
export function openS2Stream(settings: S2Settings, clock: Clock): S2Stream {
  const state: State = { settings, clock, client: undefined, handle: undefined, closings: new Set() }
  const close = async (): Promise<void> => {
    letGo(state)
    const patience = deadline(clock, limits.s2CloseMs)
    try {
      await untilAborted(Promise.all(state.closings), patience.signal)
    } catch {
      // A connection that does not even close is left to the kernel.
    } finally {
      patience.cancel()
    }
  }
  return {
    destination: s2Destination(settings),
    tail: (signal) => tail(state, signal),
    read: (position, count, signal) => read(state, position, count, signal),
    ensure: (signal) => ensure(state, signal),
    line: (signal) => openLine(state, signal),
    close,
    [Symbol.asyncDispose]: close,
  }
}
