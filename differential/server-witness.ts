// What the web server of the pages saw, as facts.
import { type Fact, headersText } from './facts.ts'
import { ignoredRequestHeaders, ignoredResponseHeaders } from './header-names.ts'
import type { Exchange } from './web-server.ts'

/** Everything that the server can say of these. */
export function factsOfExchanges(exchanges: readonly Exchange[]): Fact[] {
  const seen = new Set<string>()
  return exchanges.flatMap((exchange) => {
    // Chromium looks for a newer service worker when it likes, and tells it on no session: see docs/completeness.md.
    const isAgain = isServiceWorkerScript(exchange) && seen.has(exchange.url)
    seen.add(exchange.url)
    return isAgain ? [] : factsOfExchange(exchange)
  })
}

function factsOfExchange(exchange: Exchange): Fact[] {
  if (exchange.isUpgrade) return factsOfSocket(exchange)
  const key = `${exchange.method} ${exchange.url}`
  const request: Fact = {
    kind: 'request',
    key,
    attributes: { post_data: textOf(exchange.requestBody) },
    notes: { unanswered: exchange.status === undefined },
  }
  if (exchange.status === undefined) return [request]
  const response: Fact = {
    kind: 'response',
    key,
    attributes: {
      status: exchange.status,
      request_headers: headersText(pairs(exchange.rawHeaders), ignoredRequestHeaders),
      response_headers: headersText(exchange.responseHeaders, ignoredResponseHeaders),
      body: exchange.isComplete && hasComparableBody(exchange) ? exchange.text : undefined,
    },
    notes: { is_complete: exchange.isComplete },
  }
  return [request, response]
}

function factsOfSocket({ url, status, messages, isComplete }: Exchange): Fact[] {
  const opened: Fact = { kind: 'websocket_opened', key: url, attributes: { status }, notes: {} }
  const closed: Fact = { kind: 'websocket_closed', key: url, attributes: {}, notes: {} }
  const said = messages.map(
    ({ direction, bytes, text }): Fact => ({
      kind: direction === 'sent' ? 'websocket_sent' : 'websocket_received',
      key: `${url} ${bytes}`,
      attributes: { payload: text },
      notes: {},
    }),
  )
  return [...(status === 101 ? [opened] : []), ...said, ...(isComplete ? [closed] : [])]
}

function isServiceWorkerScript({ rawHeaders }: Exchange): boolean {
  return headerOf(rawHeaders, 'sec-fetch-dest') === 'serviceworker' || /service-worker\.js$/.test(headerOf(rawHeaders, 'referer') ?? '')
}

function headerOf(raw: readonly string[], name: string): string | undefined {
  const at = raw.findIndex((text, index) => index % 2 === 0 && text.toLowerCase() === name)
  return at < 0 ? undefined : raw[at + 1]
}

// Bodies of scripts and style sheets are not captured, by design; nor are binary ones.
function hasComparableBody({ method, text, responseHeaders }: Exchange): boolean {
  const type = responseHeaders.find(([name]) => name === 'content-type')?.[1] ?? ''
  return method !== 'HEAD' && text !== '' && !/javascript|css|image|font|audio/.test(type)
}

// What is no text is not compared: captured post data is text.
function textOf(body: Buffer): string | undefined {
  if (body.length === 0) return undefined
  const text = body.toString('utf8')
  return Buffer.from(text).equals(body) ? text : undefined
}

function* pairs(raw: readonly string[]): Generator<readonly [string, string]> {
  for (let index = 0; index + 1 < raw.length; index += 2) yield [raw[index] ?? '', raw[index + 1] ?? '']
}
