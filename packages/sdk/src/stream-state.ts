// How far a server has got: its newest number, from the state that lies beside the stream.
import { errorOfAnswer, errorOfNoAnswer } from './api-errors.ts'
import { StreamError } from './errors.ts'

export interface StateOptions {
  readonly fetch?: typeof globalThis.fetch | undefined
  readonly headers?: Readonly<Record<string, string>> | undefined
  readonly signal?: AbortSignal | undefined
}

/** The newest seq of the server whose stream has that address; 0 when it has no event yet. Throws an `APIError` or a `StreamError`. */
export async function readStreamState(stream: string | URL, options: StateOptions = {}): Promise<{ readonly seq: number }> {
  const url = new URL(stream)
  url.pathname = url.pathname.replace(/\/stream$/, '')
  const response = await ask(url, options)
  if (!response.ok) throw await errorOfAnswer(response)
  const state: unknown = await response.json()
  if (typeof state === 'object' && state !== null && 'seq' in state && typeof state.seq === 'number') return { seq: state.seq }
  throw new StreamError('malformed_state', `${url.origin}${url.pathname} answered without a seq. Is the address right?`, {
    status: response.status,
  })
}

async function ask(url: URL, { fetch = globalThis.fetch, headers = {}, signal }: StateOptions): Promise<Response> {
  try {
    return await fetch(url, { headers, ...(signal === undefined ? {} : { signal }) })
  } catch (error) {
    signal?.throwIfAborted()
    throw errorOfNoAnswer(url.origin, error)
  }
}
