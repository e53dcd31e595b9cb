// Requests through the browser for clients: as JSON, and raw. What failed on the way is told as an error of ours, with a note that it is not to be
// tried again by itself: clients repeat what is a 5xx, and the request may have been carried out.
import { type Call, problemResponse, readBody, readJsonBody, validated } from '@tabscope/http'
import { curlRequestSchema, invalidRequest, limits, TelemetryError } from '@tabscope/schema'
import type { CurlAnswer } from '../curl/curl.ts'
import { answeredHeaders, forwardedHeaders } from '../curl/raw.ts'
import { type BrowserRequest, headersOf, requestOf } from '../curl/request.ts'
import type { Handler, Handlers } from '../handlers.ts'
import type { Services } from '../services.ts'

export const curlHandlers: Handlers = {
  BrowserCurl: onceOnly(answerAsJson),
  BrowserCurlRaw: onceOnly(answerRaw),
  BrowserCurlRawPost: onceOnly(answerRaw),
  BrowserCurlRawPut: onceOnly(answerRaw),
  BrowserCurlRawPatch: onceOnly(answerRaw),
  BrowserCurlRawDelete: onceOnly(answerRaw),
}

function onceOnly(handler: Handler): Handler {
  return async (services, call) => {
    try {
      return await handler(services, call)
    } catch (error) {
      if (error instanceof TelemetryError && error.httpStatus >= 500) return problemResponse(error, { 'x-should-retry': 'false' })
      throw error
    }
  }
}

async function answerAsJson({ curl, clock }: Services, call: Call): Promise<Response> {
  const asked = validated(curlRequestSchema, 'body', await readJsonBody(call.incoming))
  const startMs = clock.monotonicMs()
  const answer = await curl.ask(requestOf(asked), goneSignal(call))
  const body = await readWhole(answer)
  const headers: Record<string, string[]> = Object.create(null)
  for (const [name, value] of answer.head.headers) {
    const lower = name.toLowerCase()
    headers[lower] = [...(headers[lower] ?? []), value]
  }
  return Response.json(
    {
      status: answer.head.status,
      headers,
      body: body.toString(asked.response_encoding ?? 'utf8'),
      duration_ms: Math.round(clock.monotonicMs() - startMs),
    },
    { headers: { 'cache-control': 'no-store' } },
  )
}

async function readWhole(answer: CurlAnswer): Promise<Buffer> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of answer.body) {
    bytes += chunk.length
    if (bytes > limits.curlBodyBytes) throw new TelemetryError('curl_answer_too_large', { limitBytes: limits.curlBodyBytes })
    chunks.push(chunk)
  }
  return Buffer.concat(chunks, bytes)
}

async function answerRaw({ curl }: Services, call: Call): Promise<Response> {
  const { incoming } = call
  const site = incoming.headers['sec-fetch-site']
  // A page that is opened here would be somebody else's under our address.
  if (incoming.headers['sec-fetch-dest'] === 'document') throw new TelemetryError('origin_not_allowed', { origin: 'a navigation' })
  const body = ['GET', 'HEAD'].includes(call.method) ? undefined : await readBody(incoming)
  const answer = await curl.ask(rawRequest(call, body), goneSignal(call))
  const { status } = answer.head
  const headers = answeredHeaders(answer.head, site !== undefined)
  if (status < 200 || status > 599) {
    answer.close()
    throw new TelemetryError('curl_failed', { url: call.query.get('url') ?? '', reason: `its status is ${status}` })
  }
  if (call.method === 'HEAD' || [204, 205, 304].includes(status)) {
    answer.close()
    return new Response(null, { status, headers })
  }
  return new Response(streamOf(answer), { status, headers })
}

function rawRequest({ query, method, incoming }: Call, body: Buffer | undefined): BrowserRequest {
  const url = query.get('url')
  if (url === null) throw invalidRequest('query.url', 'it is missing; give the URL to ask for')
  const timeout = query.get('timeout_ms')
  const timeoutMs = timeout === null ? limits.curlMs : Number(timeout)
  if (!Number.isInteger(timeoutMs) || timeoutMs < 1 || timeoutMs > limits.curlMostMs) {
    throw invalidRequest('query.timeout_ms', `it is not a whole number from 1 to ${limits.curlMostMs}`)
  }
  const request = requestOf({ url, method, timeout_ms: timeoutMs })
  const headers = new Map([...request.headers, ...headersOf(forwardedHeaders(incoming))])
  return { ...request, headers, body: body === undefined || body.length === 0 ? undefined : body }
}

/** The body at the pace of the client, bounded. A client that leaves lets go of the browser. */
function streamOf(answer: CurlAnswer): ReadableStream<Uint8Array> {
  let bytes = 0
  return new ReadableStream<Uint8Array>(
    {
      pull: async (controller) => {
        const { done, value } = await answer.body.next()
        if (done === true) {
          controller.close()
          return
        }
        bytes += value.length
        if (bytes > limits.curlRawBodyBytes) {
          answer.close()
          throw new TelemetryError('curl_answer_too_large', { limitBytes: limits.curlRawBodyBytes })
        }
        controller.enqueue(value)
      },
      cancel: () => answer.close(),
    },
    { highWaterMark: 0 },
  )
}

/** Aborts when the client leaves before it has its answer. */
function goneSignal({ outgoing }: Call): AbortSignal {
  const gone = new AbortController()
  outgoing.once('close', () => gone.abort(new TelemetryError('request_aborted', {})))
  return gone.signal
}
