// Checks outside input against the zod schema of a route declaration. It never changes what the schema lets through and
// never guesses: the first finding is the message, all of them are the details.
import type { z } from 'zod'
import { DetailedError } from './problem.ts'

/** Which part of a request a value came from. */
export type RequestPart = 'path' | 'query' | 'headers' | 'body'

/** The parsed value, or `invalid_request` naming the path of what is wrong with it. */
export function validated<Schema extends z.ZodType>(schema: Schema, part: RequestPart, value: unknown): z.output<Schema> {
  const result = schema.safeParse(value)
  if (result.success) return result.data
  const details = result.error.issues.map((issue) => ({
    code: issue.code,
    path: [part, ...issue.path.map(String)].join('.'),
    message: issue.message,
  }))
  const [first] = details
  throw new DetailedError('invalid_request', { path: first?.path ?? part, problem: first?.message ?? 'it is not valid' }, details)
}

/** The query as a record: one value stays a string, a repeated parameter becomes a list. */
export function queryRecord(search: URLSearchParams): Record<string, string | string[]> {
  const record: Record<string, string | string[]> = Object.create(null)
  for (const name of new Set(search.keys())) {
    const values = search.getAll(name)
    const [only] = values
    record[name] = values.length === 1 && only !== undefined ? only : values
  }
  return record
}
