// What can go wrong for somebody who reads a stream. The codes are stable; a server's own code is kept when it gave one.

/** Codes of errors that are made on this side; everything else comes from the server's answer. */
export type ClientErrorCode =
  /** No connection could be made, and none ever was. */
  | 'connect_failed'
  /** The connection ended, and reconnecting is switched off. */
  | 'connection_lost'
  /** The answer is not an event stream. */
  | 'not_a_stream'
  /** A block of the stream is larger than any event can be. */
  | 'block_too_large'
  /** A frame's data is not an envelope. */
  | 'malformed_frame'
  /** The state is not what it should be. */
  | 'malformed_state'

export interface StreamErrorOptions extends ErrorOptions {
  /** HTTP status, when there was an answer. */
  readonly status?: number
}

/** Ends an iteration. `status` says whether a server answered at all. */
export class StreamError extends Error {
  override readonly name = 'StreamError'
  /** A `ClientErrorCode`, or the `code` of the server's error answer. */
  readonly code: string
  readonly status: number | undefined

  constructor(code: ClientErrorCode | (string & {}), message: string, options: StreamErrorOptions = {}) {
    super(message, 'cause' in options ? { cause: options.cause } : {})
    this.code = code
    this.status = options.status
  }
}

/** The text of any thrown value, with the causes that say more: `fetch failed: connect ECONNREFUSED 127.0.0.1:1`. */
export function describeError(error: unknown): string {
  const texts: string[] = []
  for (let cause: unknown = error; cause instanceof Error && texts.length < 4; cause = cause.cause) {
    if (cause.message !== '' && !texts.some((text) => text.includes(cause.message))) texts.push(cause.message)
  }
  return texts.length > 0 ? texts.join(': ') : String(error)
}
