// What is wrong with a value from outside, as data: where, and what was expected. Never holds the value itself, because it
// may be a secret and findings go into answers and logs.
import type { z } from 'zod'
import { TelemetryError } from './errors.ts'

/** One finding. */
export interface Issue {
  /** Where, such as `body.data.status` or `body.data.args[2]`. */
  readonly path: string
  /** A short stable word, such as `invalid_type`. */
  readonly code: string
  readonly message: string
}

/** The path as people write it: names with dots, positions in brackets, other names in quotes. */
export function pathText(prefix: string, path: readonly PropertyKey[]): string {
  return path.reduce<string>((text, part) => {
    if (typeof part === 'number') return `${text}[${part}]`
    const name = String(part)
    if (!/^[A-Za-z_][A-Za-z0-9_-]*$/.test(name)) return `${text}[${JSON.stringify(name.slice(0, 64))}]`
    return text === '' ? name : `${text}.${name}`
  }, prefix)
}

/** The findings of zod with their whole paths; `prefix` is where the checked value itself is. */
export function issuesFrom(error: z.core.$ZodError, prefix: string): readonly Issue[] {
  return error.issues.map((issue) => ({ path: pathText(prefix, issue.path), code: issue.code, message: problemText(issue) }))
}

function problemText(issue: z.core.$ZodIssue): string {
  return issue.message.replace(/^Invalid input: /, '')
}

/** The error for one value of a request that is not of the documented form. */
export function invalidRequest(path: string, problem: string): TelemetryError<'invalid_request'> {
  return new TelemetryError('invalid_request', { path, problem })
}

/** The value as the schema gives it back, or `invalid_request` naming the first path that is wrong. */
export function checked<Schema extends z.ZodType>(schema: Schema, value: unknown, prefix: string): z.output<Schema> {
  const result = schema.safeParse(value)
  if (result.success) return result.data
  const [first] = issuesFrom(result.error, prefix)
  throw invalidRequest(first?.path ?? prefix, first?.message ?? 'not valid')
}
