// A site whose every answer and every page holds secrets, each of them once and with a name of its own, so that whatever comes out of the
// collector says where it leaked. `plant` makes the next secret and remembers what it is for.
import { createHash, randomBytes } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import type { PageHandler, UpgradeHandler } from '@tabscope/cdp/testing'

export interface SecretSite {
  readonly pages: PageHandler
  readonly upgrade: UpgradeHandler
  /** A fresh secret for this place. */
  plant(place: string): string
  /** The places whose secrets occur in this text: as they are, reversed by no code, percent-encoded or in base64. */
  leaksIn(text: string): readonly string[]
  readonly places: readonly string[]
}

export function createSecretSite(): SecretSite {
  const planted = new Map<string, string>()
  const plant = (place: string): string => {
    const known = planted.get(place)
    if (known !== undefined) return known
    // Hexadecimal and long: nothing encodes it in another way, and it occurs nowhere by chance.
    const secret = `5ec3e7${randomBytes(9).toString('hex')}`
    planted.set(place, secret)
    return secret
  }
  const leaksIn = (text: string): string[] =>
    [...planted]
      .filter(([, secret]) => text.includes(secret) || encoded(secret).some((each) => text.includes(each)))
      .map(([place]) => place)
  return {
    plant,
    leaksIn,
    pages: (request, response) => answer({ request, response, plant }),
    upgrade: (request, socket) => upgrade(request, socket, plant),
    get places() {
      return [...planted.keys()]
    },
  }
}

// The middle of a secret in base64, whatever stands before it: at one of three alignments.
function encoded(secret: string): string[] {
  return [0, 1, 2].map((shift) => {
    const whole = Buffer.from(`${'\0'.repeat(shift)}${secret}`).toString('base64')
    return whole.slice(4, 24)
  })
}

type Plant = SecretSite['plant']

interface Asked {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly plant: Plant
}

const json = { 'content-type': 'application/json', 'cache-control': 'no-store' }

function answer({ request, response, plant }: Asked): void {
  const path = (request.url ?? '/').split(/[?#;]/)[0] ?? '/'
  request.resume()
  switch (path) {
    case '/':
      return void response
        .writeHead(200, { 'content-type': 'text/html', 'set-cookie': cookies(plant), 'cache-control': 'no-store' })
        .end(page(plant))
    case '/api':
      return void response.writeHead(200, `OK token=${plant('reason phrase')}`, { ...json, ...headers(plant) }).end(body(plant))
    case '/xml':
      return void response.writeHead(200, { 'content-type': 'application/xml' }).end(xml(plant))
    case '/form':
      return void response
        .writeHead(200, { 'content-type': 'application/x-www-form-urlencoded' })
        .end(`user=ada&client_secret=${plant('form in a response')}`)
    case '/redirect':
      return void response.writeHead(302, { location: `/landed?code=${plant('location query')}&state=${plant('location state')}` }).end()
    case '/events':
      return void response
        .writeHead(200, { 'content-type': 'text/event-stream' })
        .end(
          `id: token=${plant('event source id')}\nevent: secret=${plant('event source name')}\ndata: {"access_token":"${plant('event source data')}"}\n\n`,
        )
    case '/file':
      return void response
        .writeHead(200, {
          'content-type': 'application/octet-stream',
          'content-disposition': `attachment; filename="token=${plant('file name')}.txt"`,
        })
        .end('file')
    default:
      response.writeHead(200, { ...json, 'access-control-allow-origin': '*', 'access-control-allow-headers': '*' }).end('{}')
  }
}

const cookies = (plant: Plant): string[] => [`sid=${plant('cookie')}; Path=/; HttpOnly`, `theme=${plant('second cookie')}; Path=/`]

function headers(plant: Plant): Record<string, string> {
  return {
    'x-auth-token': plant('response header x-auth-token'),
    'x-goog-api-key': plant('response header api key'),
    'set-cookie': `late=${plant('late cookie')}; Path=/`,
    link: `</next?access_token=${plant('link header')}>; rel=next`,
    'x-note': `Bearer ${plant('bearer in a header')}`,
    refresh: `5; url=/next?token=${plant('refresh header')}`,
    'x-location': `https://u:${plant('userinfo in a header')}@h.example/`,
  }
}

function body(plant: Plant): string {
  return JSON.stringify({
    password: plant('JSON password'),
    accessToken: plant('JSON camelCase'),
    nested: [{ refresh_token: plant('JSON nested'), api_key: plant('JSON api_key') }],
    pin: 1,
    secret: Number.parseInt('99', 10),
    text: JSON.stringify({ client_secret: plant('JSON in JSON'), deeper: JSON.stringify({ password: plant('JSON in JSON in JSON') }) }),
    link: `https://h.example/?sig=${plant('URL in JSON')}`,
    header: `Bearer ${plant('bearer in JSON')}`,
    jwt: `eyJhbGciOiJIUzI1NiJ9.${Buffer.from(JSON.stringify({ sub: plant('JWT') })).toString('base64url')}.c2ln`,
    'pass\u0077ord ': plant('JSON key with a blank'),
  }).replace('"JSON', '"JSON')
}

function xml(plant: Plant): string {
  return `<?xml version="1.0"?><login><user>ada</user><password>${plant('XML element')}</password><ns:accessToken a="b">${plant('XML with prefix')}</ns:accessToken>
    <field token="${plant('XML attribute')}"/><input type="hidden" name="csrf_token" value="${plant('hidden input')}"/></login>`
}

function page(plant: Plant): string {
  return `<!doctype html><meta charset="utf-8"><meta name="csrf-token" content="${plant('meta element')}"><link rel="icon" href="data:,">
    <title>signed in as ada, password=${plant('title')}</title><script>window.token = '${plant('script in a page')}'</script>page`
}

function upgrade(request: IncomingMessage, socket: Duplex, plant: Plant): void {
  const accept = createHash('sha1').update(`${request.headers['sec-websocket-key']}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64')
  const lines = ['HTTP/1.1 101 Switching Protocols', 'Upgrade: websocket', 'Connection: Upgrade', `Sec-WebSocket-Accept: ${accept}`]
  socket.write([...lines, `Set-Cookie: ws=${plant('WebSocket cookie')}`, '', ''].join('\r\n'))
  const payload = Buffer.from(`{"type":"welcome","token":"${plant('WebSocket frame received')}"}`)
  socket.write(Buffer.concat([Buffer.from([0x81, payload.length]), payload]))
  socket.on('error', () => socket.destroy())
  // The first byte of a frame that closes.
  socket.on('data', (chunk: Buffer) => chunk.includes(0x88) && socket.end(Buffer.from([0x88, 0])))
}
