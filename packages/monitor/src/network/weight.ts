// What open requests keep in memory, weighed in bytes: their texts, and a constant for the objects around them. An estimate, made of the same
// parts each time, so that what is put on the scales comes off again whole.
import type { EventDraft } from '@tabscope/schema'
import type { Protocol } from 'devtools-protocol'
import type { ExtraInfo } from './extra-info.ts'

/** The objects of one record, request or response, without their texts. */
const objectBytes = 1_024
/** One header: its place in the object and the objects of its two texts. */
const headerOverheadBytes = 64

/** A request's record, as far as its weight goes. */
interface Weighed {
  readonly url: string
  readonly firstUrl: string
  readonly response: Protocol.Network.Response | undefined
  readonly held: { readonly draft: EventDraft<'network_request'> } | undefined
}

/** A record with its response and the event that waits for post data. */
export function weighRecord({ url, firstUrl, response, held }: Weighed): number {
  return objectBytes + url.length + firstUrl.length + weighResponse(response) + weighHeld(held?.draft)
}

/** What Chromium told of a response; its header text and certificate names count as more headers. */
function weighResponse(response: Protocol.Network.Response | undefined): number {
  if (response === undefined) return 0
  const { url, headers, requestHeaders, headersText, statusText } = response
  return objectBytes + url.length + (headersText?.length ?? 0) + statusText.length + weighHeaders(headers) + weighHeaders(requestHeaders)
}

function weighHeld(draft: EventDraft<'network_request'> | undefined): number {
  return draft === undefined ? 0 : objectBytes + weighHeaders(draft.data.headers)
}

/** Everything that is known of one request's hops on the wire. */
export function weighExtraInfo({ requests, responses }: ExtraInfo): number {
  let bytes = objectBytes
  for (const headers of requests) bytes += weighHeaders(headers)
  for (const { headers } of responses) bytes += weighHeaders(headers)
  return bytes
}

/** Names and values. Chromium sends texts, but a page decides part of every message. */
export function weighHeaders(headers: Readonly<Record<string, unknown>> | undefined): number {
  let bytes = 0
  for (const name in headers) {
    const value = headers[name]
    bytes += headerOverheadBytes + name.length + (typeof value === 'string' ? value.length : 0)
  }
  return bytes
}
