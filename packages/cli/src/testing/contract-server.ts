// A small server of the published contract, with canned browsers and events: for what the real control plane does not do on demand, such as
// hostile names, many pages and refusals. It remembers what it was asked for.
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'

export interface Asked {
  readonly line: string
  readonly query: string
  readonly body: unknown
  readonly authorization: string | undefined
  readonly lastEventId: string | string[] | undefined
}

export interface ContractServer extends AsyncDisposable {
  readonly url: string
  readonly asked: readonly Asked[]
  /** How the command is run against it. */
  readonly env: NodeJS.ProcessEnv
}

export interface Canned {
  readonly browser?: Readonly<Record<string, unknown>>
  readonly events?: readonly unknown[]
  /** Answers instead, when it answers at all. */
  readonly instead?: (response: ServerResponse, asked: Asked) => boolean
  /** Whether the stream stays open after its events. */
  readonly staysOpen?: boolean
}

/** Answers every browser path with the one browser; lists have one item a page. */
export async function startContractServer(canned: Canned = {}): Promise<ContractServer> {
  const asked: Asked[] = []
  const server = createServer((incoming, response) => {
    void readAll(incoming).then((body) => {
      const url = new URL(incoming.url ?? '/', 'http://localhost')
      const request: Asked = {
        line: `${incoming.method} ${url.pathname}`,
        query: decodeURIComponent(url.search),
        body: body === '' ? undefined : JSON.parse(body),
        authorization: incoming.headers.authorization,
        lastEventId: incoming.headers['last-event-id'],
      }
      asked.push(request)
      if (canned.instead?.(response, request) !== true) answer(response, { request, canned, url })
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const url = `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`
  return {
    url,
    asked,
    env: { TABSCOPE_BASE_URL: url, TABSCOPE_API_KEY: 'secret-key' },
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

async function readAll(incoming: IncomingMessage): Promise<string> {
  let text = ''
  for await (const chunk of incoming.setEncoding('utf8')) text += chunk
  return text
}

function answer(response: ServerResponse, { request, canned, url }: { request: Asked; canned: Canned; url: URL }): void {
  const events = canned.events ?? []
  if (request.line.endsWith('/telemetry/stream')) {
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    response.write(events.map((event) => `data: ${JSON.stringify(event)}\n\n`).join(''))
    if (canned.staysOpen !== true) response.end()
  } else if (request.line.endsWith('/telemetry/events')) json(response, page(events, url))
  else if (request.line.startsWith('DELETE')) response.writeHead(204).end()
  else if (request.line === 'GET /browsers') json(response, page([browserOf(canned), browserOf(canned, { session_id: 'b2' })], url))
  else json(response, { value: browserOf(canned, request.body) })
}

/** One item a page. */
function page(items: readonly unknown[], url: URL): { value: unknown; headers: Record<string, string> } {
  const at = Number(url.searchParams.get('offset') ?? 0)
  const hasMore = at + 1 < items.length
  return {
    value: items.slice(at, at + 1),
    headers: { 'x-has-more': String(hasMore), ...(hasMore ? { 'x-next-offset': String(at + 1) } : {}) },
  }
}

function json(response: ServerResponse, { value, headers = {} }: { value: unknown; headers?: Record<string, string> }): void {
  response.writeHead(200, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(value))
}

function browserOf({ browser }: Canned, asked?: unknown): unknown {
  return {
    session_id: 'b1',
    cdp_ws_url: 'ws://127.0.0.1:1/cdp?jwt=token',
    webdriver_ws_url: 'ws://127.0.0.1:1/webdriver',
    created_at: '2026-01-02T03:04:05Z',
    headless: true,
    stealth: false,
    timeout_seconds: 60,
    ...browser,
    ...(typeof asked === 'object' ? asked : {}),
  }
}

/** An envelope of a console line. */
export function consoleLine(seq: number, text: string): unknown {
  return {
    seq,
    capture_session_id: 's',
    event: {
      ts: 1_767_323_045_000_000 + seq,
      type: 'console_log',
      category: 'console',
      source: { kind: 'cdp' },
      data: { level: 'log', text },
    },
  }
}
