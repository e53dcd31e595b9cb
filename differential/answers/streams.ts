// Answers that take their time, come in pieces, are compressed, or never end properly. What paces them is the page (it asks for the next
// step by another request), never a clock.
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib'
import type { Asked } from '../web-server.ts'
import { beginToSay, say, sayPiece } from './say.ts'

const held = new Map<string, () => void>()
/** Names that were let go before anybody waited under them. */
const releasedBefore = new Set<string>()

const heldName = ({ request }: Asked, name: string): string => `${request.headers.host} ${name}`

// Waits until the page asks for `/answer/release?name=…`, or its connection is closed.
function untilReleased(asked: Asked): Promise<void> {
  const name = heldName(asked, asked.url.searchParams.get('name') ?? '')
  if (releasedBefore.delete(name)) return Promise.resolve()
  return new Promise((resolve) => {
    held.set(name, resolve)
    asked.response.once('close', () => {
      held.delete(name)
      resolve()
    })
  })
}

/** Lets go of the answer of this name, now or as soon as it is asked for. */
export function release(asked: Asked, name: string): void {
  const go = held.get(heldName(asked, name))
  if (go === undefined) releasedBefore.add(heldName(asked, name))
  else go()
}

const text = 'compressed text, '.repeat(200)

function sayCompressed(asked: Asked, encoding: string, compress: (body: Buffer) => Buffer): void {
  say(asked, { headers: { 'content-encoding': encoding }, body: compress(Buffer.from(text)) })
  asked.exchange.text = text
}

export const streamAnswers = {
  gzip: (asked: Asked) => sayCompressed(asked, 'gzip', gzipSync),
  br: (asked: Asked) => sayCompressed(asked, 'br', brotliCompressSync),
  deflate: (asked: Asked) => sayCompressed(asked, 'deflate', deflateSync),
  release: (asked: Asked) => {
    release(asked, asked.url.searchParams.get('name') ?? '')
    say(asked, { status: 204 })
  },
  /** Ten pieces, chunked. */
  chunked: async (asked: Asked) => {
    beginToSay(asked, { 'content-type': 'text/plain; charset=utf-8' })
    for (let n = 1; n <= 10; n++) await sayPiece(asked, `piece ${n}\n`)
    asked.response.end()
  },
  /** Headers and a beginning, then nothing until released. */
  slow: async (asked: Asked) => {
    beginToSay(asked, { 'content-type': 'text/plain; charset=utf-8' })
    await sayPiece(asked, 'beginning, ')
    await untilReleased(asked)
    asked.response.end('end')
    asked.exchange.text += 'end'
  },
  /** Not even headers until released. */
  hanging: async (asked: Asked) => {
    await untilReleased(asked)
    if (!asked.response.destroyed) say(asked, { body: 'at last' })
  },
  /** Its connection is cut before any header. */
  reset: (asked: Asked) => void asked.request.socket.destroy(),
  /** Fewer bytes than it promised. */
  short: (asked: Asked) => {
    beginToSay(asked, { 'content-type': 'text/plain', 'content-length': '100' })
    asked.response.write('short', () => asked.request.socket.destroy())
  },
  /** Three messages, then the stream stays open; `?end` ends it. */
  events: async (asked: Asked) => {
    beginToSay(asked, { 'content-type': 'text/event-stream' })
    for (let n = 1; n <= 3; n++) await sayPiece(asked, `id: ${n}\nevent: tick\ndata: message ${n}\n\n`)
    if (asked.url.searchParams.has('end')) asked.response.end()
  },
  /** Unsolicited hints before the answer. */
  hints: (asked: Asked) => {
    asked.response.writeEarlyHints({ link: '</assets/style.css?hinted>; rel=preload; as=style' })
    say(asked, {
      headers: { 'content-type': 'text/html; charset=utf-8' },
      body: '<!doctype html><link rel="icon" href="data:,"><link rel="stylesheet" href="/assets/style.css?hinted"><script src="/assets/case.js"></script><script>runCase(async () => {})</script>',
    })
  },
  big: (asked: Asked) => say(asked, { body: 'x'.repeat(Number(asked.url.searchParams.get('bytes') ?? '1000000')) }),
}
