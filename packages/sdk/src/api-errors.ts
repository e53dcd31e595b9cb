// Errors of requests, one class for each kind of status, with the server's own code and words when it gave any. The names are those of
// the published clients, so that `catch` blocks can be carried over.
import { limits } from '@tabscope/schema/limits'
import { describeError, TabscopeError } from './errors.ts'

/** A server's answer that is not a success, or the lack of any answer. */
export class APIError extends TabscopeError {
  override readonly name: string = 'APIError'
  /** Of the answer; undefined without one. */
  readonly headers: Headers | undefined
  /** The answer's body: its JSON, else its text. */
  readonly error: unknown

  constructor(code: string, message: string, answer: { status?: number; headers?: Headers; error?: unknown; cause?: unknown } = {}) {
    super(code, message, {
      ...(answer.status === undefined ? {} : { status: answer.status }),
      ...('cause' in answer ? { cause: answer.cause } : {}),
    })
    this.headers = answer.headers
    this.error = answer.error
  }
}

/** 400: the request is wrong. */
export class BadRequestError extends APIError {
  override readonly name = 'BadRequestError'
}

/** 401: the API key or the token is wrong. */
export class AuthenticationError extends APIError {
  override readonly name = 'AuthenticationError'
}

/** 403: the key or the token is for something else. */
export class PermissionDeniedError extends APIError {
  override readonly name = 'PermissionDeniedError'
}

/** 404: there is no such thing, or no longer. */
export class NotFoundError extends APIError {
  override readonly name = 'NotFoundError'
}

/** 409: the state of the thing forbids it. */
export class ConflictError extends APIError {
  override readonly name = 'ConflictError'
}

/** 422: understood, and impossible. */
export class UnprocessableEntityError extends APIError {
  override readonly name = 'UnprocessableEntityError'
}

/** 429: too many requests. */
export class RateLimitError extends APIError {
  override readonly name = 'RateLimitError'
}

/** 500 and above: the server failed. */
export class InternalServerError extends APIError {
  override readonly name = 'InternalServerError'
}

/** There was no answer. */
export class APIConnectionError extends APIError {
  override readonly name: string = 'APIConnectionError'
}

/** There was no answer in time. */
export class APIConnectionTimeoutError extends APIConnectionError {
  override readonly name = 'APIConnectionTimeoutError'
}

const classes: Readonly<Record<number, typeof APIError>> = {
  400: BadRequestError,
  401: AuthenticationError,
  403: PermissionDeniedError,
  404: NotFoundError,
  409: ConflictError,
  422: UnprocessableEntityError,
  429: RateLimitError,
}

/** The error for an answer that is not a success. Reads its body. */
export async function errorOfAnswer(response: Response): Promise<APIError> {
  const { status, headers } = response
  const text = await readBounded(response)
  const body = parsed(text)
  const { code, message } = problemIn(body)
  const kind = classes[status] ?? (status >= 500 ? InternalServerError : APIError)
  return new kind(code ?? `http_${status}`, message ?? `The server answered ${status}: ${text.slice(0, 200)}`, {
    status,
    headers,
    error: body ?? text,
  })
}

/** The error for a request that no answer came to. `origin` is where it went to; addresses may hold tokens, so no more is told. */
export function errorOfNoAnswer(origin: string, cause: unknown): APIConnectionError {
  if (cause instanceof DOMException && cause.name === 'TimeoutError') {
    return new APIConnectionTimeoutError(
      'timeout',
      `${origin} gave ${cause.message}. Is it overloaded? \`timeoutMs\` sets how long to wait.`,
      {
        cause,
      },
    )
  }
  return new APIConnectionError('connect_failed', `No connection to ${origin}: ${describeError(cause)}. Is the server running there?`, {
    cause,
  })
}

/** The beginning of a body; the rest is not read. A body that breaks off is what came of it. */
async function readBounded(response: Response): Promise<string> {
  if (response.body === null) return ''
  const reader = response.body.getReader()
  const decoder = new TextDecoder()
  let text = ''
  try {
    while (text.length < limits.clientErrorBytes) {
      const chunk = await reader.read()
      if (chunk.done) break
      text += decoder.decode(chunk.value, { stream: true })
    }
  } catch {
    // The status is the news here; a server that dies while it explains itself has said enough.
  } finally {
    await reader.cancel().catch(() => {})
  }
  return text.slice(0, limits.clientErrorBytes)
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    // Not JSON: some proxy's own page. The caller shows its beginning.
    return undefined
  }
}

function problemIn(body: unknown): { code?: string; message?: string } {
  if (typeof body !== 'object' || body === null) return {}
  return {
    ...('code' in body && typeof body.code === 'string' ? { code: body.code } : {}),
    ...('message' in body && typeof body.message === 'string' ? { message: body.message } : {}),
  }
}
