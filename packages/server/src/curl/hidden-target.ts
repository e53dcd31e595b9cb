// A hidden target of the browser that makes requests for us, one after the other: a document of ours at the origin that is asked, so that a
// fetch in it is same-origin and takes the browser's cookies, proxy and TLS. It is of type `other`, in no tab strip, and never captured. Every request it
// makes is paused in Chromium, so it can make none but the one that was asked for. Never used again after anything went wrong with it.
import type { CdpMessage, Connection } from '@tabscope/cdp'
import { TelemetryError } from '@tabscope/schema'
import type { Protocol } from 'devtools-protocol'

/** What Chromium tells of the target's requests. */
export interface TargetListener {
  paused(event: Protocol.Fetch.RequestPausedEvent): void
  extraInfo(event: Protocol.Network.ResponseReceivedExtraInfoEvent): void
  failed(event: Protocol.Network.LoadingFailedEvent): void
  /** The target or the connection to it is gone. */
  gone(): void
}

export interface HiddenTarget {
  readonly targetId: string
  readonly sessionId: string
  /** The origin of its document; empty before the first. */
  origin: string
  /** Who hears of its requests now. */
  listener: TargetListener | undefined
  ask<Method extends keyof Answers>(method: Method, params: object, timeoutMs?: number): Promise<Answers[Method]>
}

/** The commands that are used, with their answers. */
interface Answers {
  'Fetch.enable': unknown
  'Fetch.continueRequest': unknown
  'Fetch.fulfillRequest': unknown
  'Fetch.failRequest': unknown
  'Fetch.continueWithAuth': unknown
  'Fetch.takeResponseBodyAsStream': Protocol.Fetch.TakeResponseBodyAsStreamResponse
  'IO.read': Protocol.IO.ReadResponse
  'IO.close': unknown
  'Network.enable': unknown
  'Network.setBypassServiceWorker': unknown
  'Page.navigate': Protocol.Page.NavigateResponse
  'Runtime.evaluate': Protocol.Runtime.EvaluateResponse
}

/** The events that a connection for hidden targets wants. */
export const wantedEvents: ReadonlySet<string> = new Set([
  'Fetch.requestPaused',
  'Fetch.authRequired',
  'Network.responseReceivedExtraInfo',
  'Network.loadingFailed',
])

/** Makes one. Rejects with `curl_failed` when Chromium does not. */
export async function openHiddenTarget(connection: Connection): Promise<HiddenTarget> {
  const created = await send(connection, undefined, 'Target.createTarget', { url: 'about:blank', hidden: true })
  const { targetId } = created as Protocol.Target.CreateTargetResponse
  const attached = await send(connection, undefined, 'Target.attachToTarget', { targetId, flatten: true })
  const { sessionId } = attached as Protocol.Target.AttachToTargetResponse
  const target: HiddenTarget = {
    targetId,
    sessionId,
    origin: '',
    listener: undefined,
    ask: (method, params, timeoutMs) => send(connection, sessionId, method, params, timeoutMs) as Promise<Answers[typeof method]>,
  }
  // In this order: bypassing service workers is forgotten when the domain is enabled after it.
  await Promise.all([
    target.ask('Network.enable', {}),
    target.ask('Network.setBypassServiceWorker', { bypass: true }),
    target.ask('Fetch.enable', { patterns: [{ urlPattern: '*', requestStage: 'Request' }], handleAuthRequests: true }),
  ])
  return target
}

function send(connection: Connection, sessionId: string | undefined, method: string, params: object, timeoutMs?: number): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const done: Parameters<Connection['post']>[1]['done'] = (answer) => {
      if (answer.ok) resolve(answer.result)
      else reject(new TelemetryError('curl_failed', { url: 'the browser', reason: answer.message }))
    }
    connection.post(sessionId, { method, params, done, ...(timeoutMs === undefined ? {} : { timeoutMs }) })
  })
}

/** Hands a message to the target that it is about. */
export function deliver(target: HiddenTarget, { method, params }: CdpMessage): void {
  const { listener } = target
  if (method === 'Fetch.requestPaused') {
    const event = params as Protocol.Fetch.RequestPausedEvent
    if (listener !== undefined) listener.paused(event)
    // Nobody asked for it: a document of ours makes no requests of its own.
    else refuse(target, event.requestId)
  } else if (method === 'Fetch.authRequired') {
    const { requestId } = params as Protocol.Fetch.AuthRequiredEvent
    // The answer is the 401 itself; a question to a person would be asked of nobody.
    ignored(target.ask('Fetch.continueWithAuth', { requestId, authChallengeResponse: { response: 'CancelAuth' } }))
  } else if (method === 'Network.responseReceivedExtraInfo') {
    listener?.extraInfo(params as Protocol.Network.ResponseReceivedExtraInfoEvent)
  } else if (method === 'Network.loadingFailed') {
    listener?.failed(params as Protocol.Network.LoadingFailedEvent)
  }
}

/** Ends a paused request without an answer. */
export function refuse(target: HiddenTarget, requestId: string): void {
  ignored(target.ask('Fetch.failRequest', { requestId, errorReason: 'Aborted' }))
}

/** A command whose answer changes nothing: when it fails, the request or the target is gone already. */
export function ignored(command: Promise<unknown>): void {
  command.catch(() => undefined)
}
