// Pairs `Network.*ExtraInfo` with the hops of a request. They come on another pipe, in any order relative to the main
// messages, so the n-th extra info belongs to the n-th hop that has one.
// https://chromedevtools.github.io/devtools-protocol/tot/Network/#event-responseReceivedExtraInfo
import type { Protocol } from 'devtools-protocol'

export interface ExtraInfo {
  /** Headers of requests as they went over the wire, in order of arrival. */
  readonly requests: Protocol.Network.Headers[]
  /** Headers of responses as they came over the wire, in order of arrival. */
  readonly responses: { readonly headers: Protocol.Network.Headers; readonly status: number }[]
  /** How many hops that have extra info ended before the current one. */
  hopsBefore: number
  /** What it is counted with; 0 before it is counted. */
  heldBytes: number
}

export interface WireHeaders {
  readonly request: Protocol.Network.Headers | undefined
  readonly response: Protocol.Network.Headers | undefined
}

export function createExtraInfo(): ExtraInfo {
  return { requests: [], responses: [], hopsBefore: 0, heldBytes: 0 }
}

/** What is known by now of a hop on the wire; by default of the current one. */
export function wireHop(extra: ExtraInfo | undefined, hop: number | undefined = extra?.hopsBefore): WireHeaders {
  if (extra === undefined || hop === undefined) return { request: undefined, response: undefined }
  return { request: extra.requests[hop], response: extra.responses[hop]?.headers }
}

/** Whether both sides of a hop on the wire were told. */
export function isWireTold(extra: ExtraInfo, hop: number): boolean {
  return extra.requests[hop] !== undefined && extra.responses[hop] !== undefined
}

/**
 * Moves on to the next hop. Only a hop that really went over the wire had extra info: Chromium says `hasExtraInfo` for
 * responses out of its cache too, and then none comes.
 */
export function nextHop(extra: ExtraInfo, hadExtraInfo: boolean): void {
  if (hadExtraInfo) extra.hopsBefore += 1
}
