// One request and its answer on a hidden target, without following redirects:
//
//   navigate ──our document──▶ fetch ──paused: our method, headers and body──▶ asked ──paused: status, headers──▶ answered ──body──▶ done
//
// Facts about Chromium that this rests on, measured on 156: `Set-Cookie` is in no header that Fetch shows, only in the extra info, which comes in
// any order; headers given when a request goes on replace all but Chromium's own; the body of a redirect cannot be read.
import { abortable, type Clock, deadline, limits, TelemetryError } from '@tabscope/schema'
import type { Protocol } from 'devtools-protocol'
import { type HiddenTarget, ignored, refuse } from './hidden-target.ts'
import type { BrowserRequest } from './request.ts'

/** The head of an answer. */
export interface AnswerHead {
  readonly status: number
  /** Names as the server wrote them, in its order, one entry a value. */
  readonly headers: readonly (readonly [string, string])[]
  /** Where it came from, in Chromium's words; undefined when that is not known. */
  readonly space: string | undefined
}

export interface Exchange {
  readonly head: AnswerHead
  /** The body in pieces, content-encoding undone. Ends early with an error when the server or the browser breaks off. */
  body(signal: AbortSignal): AsyncGenerator<Buffer, void, undefined>
  /** Ends the request in Chromium, whatever of the body was read. */
  finish(): void
}

export interface ExchangeOptions {
  readonly clock: Clock
  /** Ends everything; its reason is thrown. */
  readonly signal: AbortSignal
  /** Whether addresses that are not public may be asked. */
  readonly mayBeLocal: boolean
}

/** Makes the request. Rejects with `curl_failed` or the signal's reason; the target is then of no further use. */
export async function makeExchange(target: HiddenTarget, request: BrowserRequest, options: ExchangeOptions): Promise<Exchange> {
  const fetched = await answerTo(target, request, options)
  const { paused } = fetched
  const extra = await fetched.extraInfo
  const head: AnswerHead = {
    status: paused.responseStatusCode ?? 0,
    headers: [...(paused.responseHeaders ?? []).map(({ name, value }) => [name, value] as const), ...cookiesOf(extra)],
    space: extra?.resourceIPAddressSpace,
  }
  const hasBody = request.method !== 'HEAD' && !hasNoBody(head)
  return {
    head,
    body: (signal) =>
      hasBody ? readBody(target, { paused, request, breakOff: () => brokenOff(head, fetched.failure()) }, signal) : noBody(),
    finish: () => refuse(target, paused.requestId),
  }
}

/**
 * By a fetch in a document of ours; where Chromium keeps documents of unknown origin from local addresses, by opening the address in the
 * hidden target. It refuses the fetch before anything is sent, so nothing is asked twice.
 */
async function answerTo(target: HiddenTarget, request: BrowserRequest, options: ExchangeOptions): Promise<Fetched> {
  try {
    await goTo(target, request.url.origin, options)
    return await begin(target, request, { ...options, by: 'fetch' })
  } catch (error) {
    const isLocal = error instanceof TelemetryError && error.code === 'curl_failed' && /LocalNetwork/.test(error.message)
    if (!isLocal) throw error
    if (!options.mayBeLocal)
      throw new TelemetryError('url_not_allowed', { host: request.url.hostname, reason: 'it is not a public address' })
    target.origin = ''
    return begin(target, request, { ...options, by: 'navigation' })
  }
}

function hasNoBody({ status, headers }: AnswerHead): boolean {
  if (status === 204 || status === 205 || status === 304) return true
  return [301, 302, 303, 307, 308].includes(status) && headers.some(([name]) => name.toLowerCase() === 'location')
}

async function* noBody(): AsyncGenerator<Buffer, void, undefined> {}

/** A document of ours at that origin, without asking its server for anything. */
async function goTo(target: HiddenTarget, origin: string, { signal }: ExchangeOptions): Promise<void> {
  if (target.origin === origin) return
  target.origin = ''
  const arrived = new Promise<void>((resolve, reject) => {
    target.listener = {
      paused: ({ requestId, resourceType, responseStatusCode }) => {
        if (resourceType === 'Document' && responseStatusCode === undefined)
          ignored(target.ask('Fetch.fulfillRequest', { requestId, ...ourDocument }))
        else refuse(target, requestId)
      },
      extraInfo: () => undefined,
      failed: () => undefined,
      gone: () => reject(new TelemetryError('curl_failed', { url: origin, reason: 'the browser went away' })),
    }
    target.ask('Page.navigate', { url: `${origin}/` }).then(({ errorText }) => {
      if (errorText === undefined) resolve()
      else reject(new TelemetryError('curl_failed', { url: origin, reason: errorText }))
    }, reject)
  })
  await abortable(arrived, signal)
  target.origin = origin
}

const ourDocument = {
  responseCode: 200,
  responseHeaders: [
    { name: 'content-type', value: 'text/html' },
    { name: 'cache-control', value: 'no-store' },
  ],
  body: Buffer.from('<!doctype html><link rel="icon" href="data:,">').toString('base64'),
}

interface Fetched {
  readonly paused: Protocol.Fetch.RequestPausedEvent
  readonly extraInfo: Promise<Protocol.Network.ResponseReceivedExtraInfoEvent | undefined>
  /** Why the answer broke off after its head, once that is known. */
  readonly failure: () => string | undefined
}

/** The request up to the head of its answer. */
function begin(target: HiddenTarget, request: BrowserRequest, options: ExchangeOptions & { by: 'fetch' | 'navigation' }): Promise<Fetched> {
  const { clock, signal, by } = options
  const { url } = request
  const extras = new Map<string, Protocol.Network.ResponseReceivedExtraInfoEvent>()
  let onExtra: () => void = () => undefined
  const fetched = new Promise<Fetched>((resolve, reject) => {
    const failed = (reason: string): void => reject(new TelemetryError('curl_failed', { url: url.origin, reason }))
    let networkId: string | undefined
    let failure: string | undefined
    let coarse: string | undefined
    target.listener = {
      paused: (event) => {
        if (event.responseErrorReason !== undefined) {
          coarse = event.responseErrorReason
          // Gone on with, it fails with the whole reason.
          target.ask('Fetch.continueRequest', { requestId: event.requestId }).catch(reject)
        } else if (event.responseStatusCode !== undefined) {
          const extraInfo = untilExtraInfo({ clock, get: () => extras.get(event.networkId ?? ''), onNext: (wake) => (onExtra = wake) })
          resolve({ paused: event, extraInfo, failure: () => failure })
        } else if (networkId === undefined && (event.resourceType === 'Document') === (by === 'navigation')) {
          networkId = event.networkId ?? ''
          target
            .ask('Fetch.continueRequest', { requestId: event.requestId, interceptResponse: true, ...sentParts(request, event) })
            .catch(reject)
        } else refuse(target, event.requestId)
      },
      extraInfo: (event) => {
        extras.set(event.requestId, event)
        onExtra()
      },
      failed: (event) => {
        if (event.requestId !== networkId) return
        // The fence reads the coarse word; where Chromium has none but `Failed`, as for certificates, its error says more.
        failure =
          event.corsErrorStatus?.corsError ?? event.blockedReason ?? (coarse === 'Failed' ? event.errorText : coarse) ?? event.errorText
        failed(failure)
      },
      gone: () => failed('the browser went away'),
    }
    if (by === 'fetch') target.ask('Runtime.evaluate', { expression: fetchExpression(request) }).catch(reject)
    // Its answer comes when the navigation is over, which is when the request was ended.
    else ignored(target.ask('Page.navigate', { url: request.url.href }))
  })
  return abortable(fetched, signal)
}

/** GET cannot carry a body in a page, and TRACE cannot be asked for; the real method is put in when the request goes on. */
function fetchExpression({ url, method, body }: BrowserRequest): string {
  const isPlain = body === undefined && method !== 'TRACE' && method !== 'TRACK'
  const init = {
    method: isPlain ? method : 'POST',
    ...(isPlain ? {} : { body: '-' }),
    redirect: 'manual',
    credentials: 'include',
    cache: 'no-store',
    referrerPolicy: 'no-referrer',
  }
  return `fetch(${JSON.stringify(url.href)}, ${JSON.stringify(init)}).catch(() => undefined), undefined`
}

/** These come from the way the request is made, not from the browser. */
const ownHeaders: ReadonlySet<string> = new Set(['cache-control', 'pragma', 'content-type', 'content-length'])

function sentParts({ method, headers, body }: BrowserRequest, { request }: Protocol.Fetch.RequestPausedEvent): object {
  const browsers = Object.entries(request.headers).filter(
    ([name]) => !ownHeaders.has(name.toLowerCase()) && !headers.has(name.toLowerCase()),
  )
  const given =
    body !== undefined && !headers.has('content-type') ? [...headers, ['content-type', 'text/plain;charset=UTF-8'] as const] : [...headers]
  return {
    headers: [...browsers, ...given].map(([name, value]) => ({ name, value })),
    ...(method === request.method ? {} : { method }),
    ...(body === undefined ? {} : { postData: body.toString('base64') }),
  }
}

interface ExtraInfoOptions {
  readonly clock: Clock
  readonly get: () => Protocol.Network.ResponseReceivedExtraInfoEvent | undefined
  readonly onNext: (wake: () => void) => void
}

/** The extra info of the answer; undefined when none comes: there is none for what does not come from the network. */
function untilExtraInfo({ clock, get, onNext }: ExtraInfoOptions): Promise<Protocol.Network.ResponseReceivedExtraInfoEvent | undefined> {
  return new Promise((resolve) => {
    const limit = deadline(clock, limits.curlExtraInfoMs)
    const look = (): void => {
      if (get() === undefined && !limit.signal.aborted) return
      limit.cancel()
      resolve(get())
    }
    onNext(look)
    limit.signal.addEventListener('abort', look, { once: true })
    look()
  })
}

/** Chromium joins several by line feeds, which no cookie can hold. */
function cookiesOf(extra: Protocol.Network.ResponseReceivedExtraInfoEvent | undefined): readonly (readonly [string, string])[] {
  return Object.entries(extra?.headers ?? {})
    .filter(([name]) => name.toLowerCase() === 'set-cookie')
    .flatMap(([name, value]) => value.split('\n').map((each) => [name, each] as const))
}

/** Why a body that ended is not all of it: Chromium ends the stream of a broken answer like that of a whole one. */
function brokenOff({ headers }: AnswerHead, failure: string | undefined): (bytes: number) => string | undefined {
  const headerOf = (wanted: string): string | undefined => headers.find(([name]) => name.toLowerCase() === wanted)?.[1]
  const announced = headerOf('content-encoding') === undefined ? headerOf('content-length') : undefined
  return (bytes) => failure ?? (announced !== undefined && bytes < Number(announced) ? 'ContentLengthMismatch' : undefined)
}

interface BodyOf {
  readonly paused: Protocol.Fetch.RequestPausedEvent
  readonly request: BrowserRequest
  /** Asked at the end of the body. */
  readonly breakOff: () => (bytes: number) => string | undefined
}

async function* readBody(
  target: HiddenTarget,
  { paused, request, breakOff }: BodyOf,
  signal: AbortSignal,
): AsyncGenerator<Buffer, void, undefined> {
  const { timeoutMs } = request
  const { stream } = await abortable(target.ask('Fetch.takeResponseBodyAsStream', { requestId: paused.requestId }, timeoutMs), signal)
  let bytes = 0
  try {
    for (;;) {
      const read = target.ask('IO.read', { handle: stream, size: limits.curlChunkBytes }, timeoutMs)
      const { data, base64Encoded, eof } = await abortable(read, signal)
      const chunk = Buffer.from(data, base64Encoded === true ? 'base64' : 'utf8')
      bytes += chunk.length
      if (chunk.length > 0) yield chunk
      if (!eof) continue
      const reason = breakOff()(bytes)
      if (reason !== undefined) throw new TelemetryError('curl_failed', { url: request.url.origin, reason })
      return
    }
  } finally {
    ignored(target.ask('IO.close', { handle: stream }))
  }
}
