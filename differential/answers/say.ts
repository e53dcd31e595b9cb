// How answers are written, so that the server's own log knows their text before it is compressed.
import type { Asked } from '../web-server.ts'

export interface Said {
  readonly status?: number
  readonly headers?: Readonly<Record<string, string | readonly string[]>>
  readonly body?: string | Buffer
}

/** A whole answer. Nothing may be kept by caches unless its headers say so. */
export function say({ response, exchange }: Asked, said: Said): void {
  const headers = { 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-store', ...said.headers }
  if (typeof said.body === 'string') exchange.text = said.body
  response.statusCode = said.status ?? 200
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value)
  response.end(said.body)
}

/** The headers of an answer that goes on; `sayPiece` follows. */
export function beginToSay({ response }: Asked, headers: Readonly<Record<string, string>>): void {
  for (const [name, value] of Object.entries({ 'cache-control': 'no-store', ...headers })) response.setHeader(name, value)
  response.flushHeaders()
}

/** One piece of an answer that goes on; resolves when the client's connection has taken it. */
export function sayPiece({ response, exchange }: Asked, piece: string): Promise<void> {
  exchange.text = (exchange.text ?? '') + piece
  return new Promise((resolve) => response.write(piece, () => resolve()))
}
