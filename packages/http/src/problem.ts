// Turns an error into the JSON answer of the published contract: `{code, message, details?}` at the top level.
// It never shows a stack, a cause or the message of an error that was not made for showing.
// Follows design http-api ("Errors everywhere") and errors.ts, where every code, status and text is defined.
import { type ErrorCode, type ErrorDetail, TelemetryError } from '@tabscope/schema'

/** One finding inside a problem, such as one field of a body that did not validate. */
export interface ProblemDetail {
  readonly code: string
  readonly message: string
  /** Where in the request, such as `body.browser.page.enabled`. */
  readonly path?: string
}

/** The body of every answer that is not a success. */
export interface Problem {
  readonly code: string
  readonly message: string
  readonly details?: readonly ProblemDetail[]
}

/** A `TelemetryError` that carries several findings. The first one is in its message already. */
export class DetailedError<Code extends ErrorCode = ErrorCode> extends TelemetryError<Code> {
  readonly details: readonly ProblemDetail[]

  constructor(code: Code, detail: ErrorDetail<Code>, details: readonly ProblemDetail[]) {
    super(code, detail)
    this.details = details
  }
}

/** The error as it may be shown. What is not a `TelemetryError` is a defect: it becomes `internal_error` without a word of its text. */
export function shownError(error: unknown): TelemetryError {
  if (error instanceof TelemetryError) return error
  return new TelemetryError('internal_error', {}, { cause: error })
}

/** The JSON body for an error. */
export function problemOf(error: TelemetryError): Problem {
  const problem = { code: error.code, message: error.message }
  return error instanceof DetailedError ? { ...problem, details: error.details } : problem
}

/** The HTTP answer for an error, with further headers such as `Allow`. */
export function problemResponse(error: TelemetryError, headers: Readonly<Record<string, string>> = {}): Response {
  return new Response(JSON.stringify(problemOf(error)), {
    status: error.httpStatus,
    headers: { 'content-type': 'application/json', 'cache-control': 'no-store', ...headers },
  })
}
