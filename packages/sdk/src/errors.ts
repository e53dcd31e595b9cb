// What can go wrong for somebody who uses the client. The codes are stable; a server's own code is kept when it gave one.
// Answers of servers are in api-errors.ts. An abort by the caller is no error of ours: it rejects with the signal's own reason.

/** Codes of errors that are made on this side; everything else comes from the server's answer. */
export type ClientErrorCode =
  /** No connection could be made, and none ever was. */
  | 'connect_failed'
  /** The connection ended, and reconnecting is switched off. */
  | 'connection_lost'
  /** No answer came in time. */
  | 'timeout'
  /** The answer is not an event stream. */
  | 'not_a_stream'
  /** A block of the stream is larger than any event can be. */
  | 'block_too_large'
  /** A frame's data is not an envelope. */
  | 'malformed_frame'
  /** The state is not what it should be. */
  | 'malformed_state'
  /** An answer is not the JSON that it should be. */
  | 'malformed_answer'
  /** The awaited event did not come in time. */
  | 'wait_timeout'
  /** The stream ended before the awaited event came. */
  | 'wait_ended'
  /** An option or an argument that cannot be used. */
  | 'invalid_argument'

export interface ErrorOptionsWithStatus extends ErrorOptions {
  /** HTTP status, when there was an answer. */
  readonly status?: number
}

/** Every error that this package makes. `status` says whether a server answered at all. */
export class TabscopeError extends Error {
  override readonly name: string = 'TabscopeError'
  /** A `ClientErrorCode`, or the `code` of the server's error answer. */
  readonly code: string
  readonly status: number | undefined

  constructor(code: ClientErrorCode | (string & {}), message: string, options: ErrorOptionsWithStatus = {}) {
    super(message, 'cause' in options ? { cause: options.cause } : {})
    this.code = code
    this.status = options.status
  }
}

/** Ends an iteration: what came is not a stream of events, or none comes any more. */
export class StreamError extends TabscopeError {
  override readonly name: string = 'StreamError'
}

/** The text of any thrown value, with the causes that say more: `fetch failed: connect ECONNREFUSED 127.0.0.1:1`. */
export function describeError(error: unknown): string {
  const texts: string[] = []
  for (let cause: unknown = error; cause instanceof Error && texts.length < 4; cause = cause.cause) {
    if (cause.message !== '' && !texts.some((text) => text.includes(cause.message))) texts.push(cause.message)
  }
  return texts.length > 0 ? texts.join(': ') : String(error)
}
