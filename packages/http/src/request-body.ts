// Reads the body of a request as JSON with a bound. It never buffers more than the bound and never leaves a reader waiting
// for a client that went away. It reads the raw Node request, which the framework's body helpers must then not touch.
import type { IncomingMessage } from 'node:http'
import { limits, TelemetryError } from '@tabscope/schema'

/** The body's bytes. Rejects with `body_too_large` as soon as the bound is passed, before the rest has arrived. */
export function readBody(incoming: IncomingMessage, maxBytes: number = limits.requestBodyBytes): Promise<Buffer> {
  const tooLarge = (): TelemetryError => new TelemetryError('body_too_large', { limitBytes: maxBytes })
  const announced = Number(incoming.headers['content-length'] ?? 0)
  if (announced > maxBytes) return Promise.reject(tooLarge())
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    let bytes = 0
    const stop = (): void => {
      incoming.off('data', take).off('end', finish).off('error', fail).off('close', cut)
    }
    const finish = (): void => {
      stop()
      resolve(Buffer.concat(chunks, bytes))
    }
    const fail = (cause: unknown): void => {
      stop()
      reject(new TelemetryError('request_aborted', {}, { cause }))
    }
    const cut = (): void => fail(new Error('the connection closed before the body was complete'))
    const take = (chunk: Buffer): void => {
      bytes += chunk.length
      if (bytes <= maxBytes) {
        chunks.push(chunk)
        return
      }
      stop()
      // What is still coming is thrown away, not kept: the answer says so and closes the connection.
      incoming.resume()
      reject(tooLarge())
    }
    incoming.on('data', take).on('end', finish).on('error', fail).on('close', cut)
  })
}

/** The body as JSON, or undefined when there is none (no bytes, or only white space). */
export async function readJsonBody(incoming: IncomingMessage, maxBytes?: number): Promise<unknown> {
  const bytes = await readBody(incoming, maxBytes)
  const text = decodeUtf8(bytes)
  if (text.trim() === '') return undefined
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new TelemetryError('invalid_json', { problem: cause instanceof Error ? cause.message : String(cause) }, { cause })
  }
}

function decodeUtf8(bytes: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch (cause) {
    throw new TelemetryError('invalid_json', { problem: 'the body is not UTF-8' }, { cause })
  }
}
