// What pages say on their consoles, what they throw, and what the browser logs about them.
// Follows CDP's Runtime and Log domains and the published contract.
import { z } from 'zod'
import { contextShape } from '../context.ts'
import { added, defineEvent, published } from '../define-event.ts'
import { stackTraceSchema } from '../stack-trace.ts'

const position = {
  line: z.int().optional().meta(published('Zero-based line')),
  source_url: z
    .string()
    .optional()
    .meta(published('Script or document it comes from', { sensitive: 'url' })),
}
const argsPreview = z
  .array(z.unknown())
  .optional()
  .meta(added('Each argument as a preview of depth 2', { detail: 'verbose', sensitive: 'text' }))
const args = z
  .array(z.string())
  .optional()
  .meta(published('Every argument as text', { sensitive: 'text' }))

export const consoleEvents = {
  console_log: defineEvent('console_log', {
    category: 'console',
    summary: 'A page or worker made a console call other than `console.error`, or the browser logged something about it.',
    contract: 'node',
    context: true,
    data: z.object({
      ...contextShape,
      level: z.string().meta(published('The call as CDP spells it: log, info, warning, debug, dir, …')),
      text: z.string().meta(published('All arguments as the console shows them, format specifiers applied', { sensitive: 'text' })),
      args,
      stack_trace: stackTraceSchema.optional().meta(published('Where it was called', { detail: 'verbose', sensitive: 'text' })),
      args_preview: argsPreview,
      log_source: z.string().optional().meta(added('For browser log entries: network, security, violation, …')),
      source_url: z
        .string()
        .optional()
        .meta(added('For browser log entries: what it is about', { sensitive: 'url' })),
      line: z.int().optional().meta(added('For browser log entries: zero-based line')),
    }),
  }),
  console_error: defineEvent('console_error', {
    category: 'console',
    summary: '`console.error` was called, or an exception or rejected promise was not caught.',
    contract: 'node',
    context: true,
    data: z.object({
      ...contextShape,
      text: z.string().meta(published('As the console shows it, such as `Uncaught Error: boom`', { sensitive: 'text' })),
      level: z.string().optional().meta(published('Always `error`; only for `console.error`')),
      args,
      ...position,
      column: z.int().optional().meta(published('Zero-based column; only for exceptions')),
      is_unhandled_rejection: z.boolean().optional().meta(added('True for a promise that was rejected and not caught')),
      stack_trace: stackTraceSchema.optional().meta(published('Where it was called or thrown', { detail: 'standard', sensitive: 'text' })),
      args_preview: argsPreview,
      log_source: z.string().optional().meta(added('For browser log entries: network, security, violation, …')),
    }),
  }),
} as const
