// Hands a request on to the server of a browser and its answer back, byte for byte and no faster than the client takes it: nothing is
// gathered here. When either side goes away, so does the other.
import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http'
import { pipeline } from 'node:stream/promises'
import { alreadySent, type Call } from '@tabscope/http'
import type { Clock } from '@tabscope/schema'
import { openAnswer, type ServerAccess, type ServerRequest } from './server-client.ts'

/** Headers of an answer that belong to one connection, or that this server sets itself. */
const ownHeaders: ReadonlySet<string> = new Set([
  'connection',
  'keep-alive',
  'transfer-encoding',
  'date',
  'vary',
  'access-control-allow-origin',
  'access-control-expose-headers',
])

/** Answers the call with what the browser's server answers to `asked`. Rejects with `browser_unreachable` before anything was sent. */
export async function forward(call: Call, access: ServerAccess, asked: ServerRequest & { readonly clock: Clock }): Promise<Response> {
  const { outgoing } = call
  const gone = new AbortController()
  const leave = (): void => gone.abort(new Error('the client went away'))
  outgoing.once('close', leave)
  try {
    const answer = await openAnswer(access, asked, { clock: asked.clock, signal: gone.signal })
    handOn(answer, outgoing)
    return alreadySent
  } catch (error) {
    // Nobody is left to be told.
    if (gone.signal.aborted) return alreadySent
    throw error
  } finally {
    outgoing.off('close', leave)
  }
}

function handOn(answer: IncomingMessage, outgoing: ServerResponse): void {
  outgoing.writeHead(answer.statusCode ?? 502, headersOf(answer))
  // A stream's client gets its stream when the headers are there, which may be long before the first event.
  outgoing.flushHeaders()
  outgoing.socket?.setNoDelay(true)
  pipeline(answer, outgoing).catch(() => {
    // One side broke off; the pipeline has ended the other, and a cut answer is how its client learns of it.
  })
}

function headersOf({ headers }: IncomingMessage): OutgoingHttpHeaders {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !ownHeaders.has(name)))
}
