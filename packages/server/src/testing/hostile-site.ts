// Serves fixtures/pages/hostile and what those pages ask for: redirects without end, answers of any size, headers that no library would
// write, and requests that are never answered.
import { readFile } from 'node:fs/promises'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { fileURLToPath } from 'node:url'
import type { PageHandler } from '@tabscope/cdp/testing'

const folder = new URL('../../../../fixtures/pages/hostile/', import.meta.url)
const types: Readonly<Record<string, string>> = { html: 'text/html; charset=utf-8', js: 'text/javascript' }
const plain = { 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-store' }

export const hostileSite: PageHandler = (request, response) => {
  const url = new URL(request.url ?? '/', 'http://site')
  const [, first = '', ...rest] = url.pathname.split('/')
  const answer = answers[first]
  if (answer !== undefined) return answer({ request, response, url, rest })
  void serveFile(url.pathname, response)
}

interface Asked {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly url: URL
  readonly rest: readonly string[]
}

const answers: Readonly<Record<string, (asked: Asked) => void>> = {
  redirect: ({ response, rest }) => {
    const next = Number(rest.at(-1)) + 1
    response.writeHead(302, { location: `/redirect/${[...rest.slice(0, -1), next].join('/')}`, 'cache-control': 'no-store' }).end()
  },
  huge: ({ response, url }) => response.writeHead(200, plain).end('y'.repeat(Number(url.searchParams.get('bytes')))),
  sink: ({ request, response }) => {
    request.resume().on('end', () => response.writeHead(200, plain).end('sunk'))
  },
  echo: ({ request, response }) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => response.writeHead(200, plain).end(Buffer.concat(chunks)))
  },
  beat: ({ response }) => response.writeHead(200, { ...plain, 'content-type': 'application/json' }).end('1'),
  hang: () => undefined,
  headers: ({ request, rest }) => {
    const lines = oddHeaders[rest[0] ?? ''] ?? []
    const head = Buffer.from(`HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\ncontent-length: 2\r\nconnection: close\r\n`)
    const odd = lines.map((line) => Buffer.concat([typeof line === 'string' ? Buffer.from(line) : line, Buffer.from('\r\n')]))
    request.socket.end(Buffer.concat([head, ...odd, Buffer.from('\r\nok')]))
  },
}

/** Header lines as they go over the wire, by the path that answers with them. */
const oddHeaders: Readonly<Record<string, readonly (string | Buffer)[]>> = {
  control: [
    'x-bell: a\u0007b\u001b[31mc',
    'x-tab:\ta\tb',
    'x-delete: \u007f',
    'x-\u0001name: a',
    'x-empty:',
    ': no name',
    'no colon at all',
  ],
  separators: ['x-line: a\u2028b\u2029c', 'x-event: id: 1 data: {"seq":1}', 'x-folded: a', ' b', 'x-bom: \ufeffx'],
  proto: ['__proto__: polluted', 'constructor: polluted', 'hasOwnProperty: polluted', 'toString: 1', '__proto__: twice', 'then: 1'],
  latin: [Buffer.from('x-latin: \xe4\xf6\xfc\xff', 'latin1'), Buffer.from('\xe4\xf6: name', 'latin1')],
  broken: [Buffer.from([0x78, 0x3a, 0x20, 0xed, 0xa0, 0x80, 0xc3, 0x28, 0xf0, 0x9f, 0x98]), Buffer.from([0x79, 0x3a, 0x20, 0xff, 0xfe])],
  many: Array.from({ length: 2_000 }, (_, index) => `x-many-${index}: ${index}`),
  long: [`x-long: ${'l'.repeat(200_000)}`, `${'n'.repeat(20_000)}: long name`],
}

async function serveFile(path: string, response: ServerResponse): Promise<void> {
  const name = path.slice(1)
  try {
    if (!/^[a-z-]+\.(html|js)$/.test(name)) throw new Error('no such page')
    const body = await readFile(fileURLToPath(new URL(name, folder)))
    response.writeHead(200, { 'content-type': types[name.split('.')[1] ?? ''] ?? '', 'cache-control': 'no-store' }).end(body)
  } catch {
    // Whoever asks for a page that is not there sees it by the status.
    response.writeHead(404, plain).end('no such page')
  }
}
