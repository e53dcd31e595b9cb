// An uncaught exception or unhandled rejection as text and position. Everything in it is the page's: never throws.
// Follows events.md, console, and https://chromedevtools.github.io/devtools-protocol/tot/Runtime/#type-ExceptionDetails
import { limits, type StackTrace } from '@tabscope/schema'
import { cutText } from '../text-cut.ts'
import { argumentText } from './argument-text.ts'
import { errorText } from './preview-text.ts'
import { boundStackTrace } from './stack-trace.ts'
import { fieldOf, integerOr, listOf, textOf, textOrUndefined } from './untrusted.ts'

export interface FormattedException {
  /** CDP's prefix, a space, and the first line of the error or the thrown value: `Uncaught Error: boom`, `Uncaught (in promise) 5`. */
  readonly text: string
  /** Zero-based. */
  readonly line?: number
  /** Zero-based. */
  readonly column?: number
  readonly sourceUrl?: string
  readonly isUnhandledRejection: boolean
  readonly stackTrace?: StackTrace
  /** The fields of which something was left out. */
  readonly cut: readonly string[]
}

const unhandledPrefix = 'Uncaught (in promise)'

/** Formats the `exceptionDetails` of `Runtime.exceptionThrown`; the stack only when it is wanted. */
export function formatException(details: unknown, options: { readonly withStack: boolean } = { withStack: true }): FormattedException {
  const prefix = textOrUndefined(fieldOf(details, 'text')) ?? 'Uncaught'
  const text = cutText(exceptionText(prefix, fieldOf(details, 'exception')), limits.consoleTextBytes)
  const stack = fieldOf(details, 'stackTrace')
  const bounded = stack === undefined || !options.withStack ? undefined : boundStackTrace(stack)
  const url = sourceUrlOf(details, stack)
  const line = integerOr(fieldOf(details, 'lineNumber'), undefined)
  const column = integerOr(fieldOf(details, 'columnNumber'), undefined)
  const cut: string[] = []
  if (text.isCut) cut.push('text')
  if (url?.isCut === true) cut.push('source_url')
  if (bounded?.isCut === true) cut.push('stack_trace')
  return {
    text: text.text,
    ...(line === undefined ? {} : { line }),
    ...(column === undefined ? {} : { column }),
    ...(url === undefined ? {} : { sourceUrl: url.text }),
    isUnhandledRejection: prefix.startsWith(unhandledPrefix),
    ...(bounded === undefined ? {} : { stackTrace: bounded.stackTrace }),
    cut,
  }
}

// Without an exception object (a script of another origin) CDP's text is all there is: `Script error.`
function exceptionText(prefix: string, exception: unknown): string {
  if (exception === undefined) return prefix
  const isError = fieldOf(exception, 'subtype') === 'error'
  const description = textOf(fieldOf(exception, 'description'))
  return `${prefix} ${isError && description !== '' ? errorText(description, 1) : argumentText(exception)}`
}

// CDP leaves the URL out when the script has an id; then the top frame has it.
function sourceUrlOf(details: unknown, stack: unknown): ReturnType<typeof cutText> | undefined {
  const url = textOrUndefined(fieldOf(details, 'url')) ?? textOrUndefined(fieldOf(listOf(fieldOf(stack, 'callFrames'))[0], 'url'))
  return url === undefined ? undefined : cutText(url, limits.stackTextBytes)
}
