// Calls to our own HTTP interface: those that drive the browser (`control`) and those that manage the server (`platform`).
// Reads produce none: a stream never records the reading of itself.
import { z } from 'zod'
import { added, defineEvent, published } from '../define-event.ts'
import { cdpCommandEvents } from './cdp-command.ts'

const callShape = {
  request_id: z.string().meta(published('Made for each request')),
  operation_id: z.string().meta(published('Operation of the OpenAPI document')),
  status: z.int().meta(published('HTTP status answered')),
  duration_ms: z.number().nonnegative().meta(published('From request to answer')),
  truncated_fields: z.array(z.string()).optional().meta(added('What was cut to fit a bound')),
}

export const controlEvents = {
  api_call: defineEvent('api_call', {
    category: 'control',
    summary: 'A call that drives the browser was answered.',
    contract: 'node',
    data: z.object({
      ...callShape,
      code: z
        .string()
        .optional()
        .meta(published('Source given to be run, at most 8,192 bytes', { sensitive: 'text' })),
    }),
  }),
  platform_api_call: defineEvent('platform_api_call', {
    category: 'platform',
    summary: 'A call that manages the server was answered.',
    contract: 'python',
    data: z.object(callShape),
  }),
  ...cdpCommandEvents,
} as const
