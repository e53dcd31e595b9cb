// The shape of a route's declaration. Everything that is known about a route is data here: the OpenAPI document, the reference
// page and the test that the server has exactly these routes are derived from it. It never handles a request.
import { z } from 'zod'
import type { ErrorCode } from '../errors.ts'

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'

/** A value from the path, the query or the headers. */
export interface Parameter {
  readonly name: string
  readonly in: 'path' | 'query' | 'header'
  readonly description: string
  /** What it looks like in JSON, for the documents; parsers read the text themselves. */
  readonly schema: z.ZodType
  /** May be given several times, and each time as several values joined by commas. */
  readonly isList?: boolean
}

/** One answer that is not an error. */
export interface Answer {
  readonly description: string
  /** Absent = no body. */
  readonly schema?: z.ZodType
  /** Of the body; absent = `application/json`. */
  readonly contentType?: string
  readonly headers?: Readonly<Record<string, string>>
}

export interface RequestBody {
  readonly schema: z.ZodType
  /** Absent = `application/json`. */
  readonly contentType?: string
  readonly isRequired: boolean
}

/** What event an answered call leaves: one that drives the browser, one that manages the server, none for reads. */
export type RecordedAs = 'api_call' | 'platform_api_call' | 'none'

/** One route. */
export interface RouteDeclaration {
  readonly method: Method
  /** With parameters in braces. */
  readonly path: string
  readonly operationId: string
  readonly summary: string
  readonly tag: 'telemetry' | 'browser' | 'service' | 'first generation' | 'browsers' | 'destinations'
  readonly recordedAs: RecordedAs
  readonly parameters?: readonly Parameter[]
  readonly body?: RequestBody
  /** By status. */
  readonly answers: Readonly<Record<number, Answer>>
  /** Beyond those that every route can have. */
  readonly errors?: readonly ErrorCode[]
  /** True for routes of the design that no server has yet; they are in no document that a server serves. */
  readonly isPlanned?: boolean
}

/** The errors that any route can answer with. */
export const commonErrors = [
  'invalid_request',
  'malformed_http',
  'origin_not_allowed',
  'token_invalid',
  'token_for_other_browser',
  'browser_gone',
  'request_timeout',
  'host_not_allowed',
  'headers_too_large',
  'internal_error',
] as const satisfies readonly ErrorCode[]

/** The errors that reading a JSON body can end with. */
export const bodyErrors = ['invalid_json', 'request_aborted', 'body_too_large'] as const satisfies readonly ErrorCode[]

/** A text parameter of the query. */
export function queryText(name: string, description: string, schema: z.ZodType = z.string()): Parameter {
  return { name, in: 'query', description, schema }
}

/** A parameter of the query with several values. */
export function queryList(name: string, description: string, item: z.ZodType = z.string()): Parameter {
  return { name, in: 'query', description: `${description} Repeatable or comma-joined.`, schema: z.array(item), isList: true }
}
