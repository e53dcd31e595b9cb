// Pictures of the display or of one page. A PNG is never cut: it is made smaller until it fits a record.
import { z } from 'zod'
import { contextShape } from '../context.ts'
import { added, defineEvent, published } from '../define-event.ts'

export const screenshotEvents = {
  monitor_screenshot: defineEvent('monitor_screenshot', {
    category: 'screenshot',
    summary: 'A screenshot was taken because of another event.',
    contract: 'node',
    context: true,
    data: z.object({
      ...contextShape,
      png: z.base64().meta(published('The picture as base64')),
      width: z.int().positive().optional().meta(added('Pixels')),
      height: z.int().positive().optional().meta(added('Pixels')),
      scope: z.enum(['display', 'page']).optional().meta(added('The whole display, or the page that triggered it')),
      trigger_event: z.string().optional().meta(added('Type of the event that caused it')),
      trigger_seq: z.int().positive().optional().meta(added('`seq` of the event that caused it')),
    }),
  }),
} as const
