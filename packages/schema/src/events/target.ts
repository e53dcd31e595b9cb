// Tabs and workers as targets: when they come and when they go. Follows CDP's Target and Inspector domains.
// `page_tab_opened` comes before any session, so it has only the target's own fields.
import { z } from 'zod'
import { contextShape, targetTypes } from '../context.ts'
import { added, defineEvent, published } from '../define-event.ts'

const endedShape = {
  ...contextShape,
  target_id: z.string().meta(published('CDP target')),
  target_type: z.enum(targetTypes).meta(published('What kind of target it was')),
  url: z.string().meta(published('Its last known URL', { sensitive: 'url' })),
}

export const targetEvents = {
  page_tab_opened: defineEvent('page_tab_opened', {
    category: 'page',
    summary: 'A tab or popup is there: newly opened, or (`existing`) found when capture began or came back.',
    contract: 'node',
    data: z.object({
      target_id: z.string().meta(published('CDP target')),
      target_type: z.enum(targetTypes).meta(published('What kind of target it is')),
      url: z.string().meta(published('`about:blank` while Chromium still says nothing', { sensitive: 'url' })),
      title: z
        .string()
        .optional()
        .meta(published('Title, when there is one', { sensitive: 'text' })),
      opener_id: z.string().optional().meta(published('Target that opened it')),
      existing: z.boolean().optional().meta(added('True for tabs that were there before capture or reconnect')),
      truncated_fields: contextShape.truncated_fields,
      redacted: contextShape.redacted,
      cdp: contextShape.cdp,
    }),
  }),
  page_tab_closed: defineEvent('page_tab_closed', {
    category: 'page',
    summary: 'A tab is gone.',
    context: true,
    data: z.object({ ...contextShape, target_id: z.string().meta(added('CDP target')) }),
  }),
  page_crashed: defineEvent('page_crashed', {
    category: 'page',
    summary: "A page's renderer died while the browser lives on.",
    contract: 'python',
    context: true,
    data: z.object(endedShape),
  }),
  page_worker_ended: defineEvent('page_worker_ended', {
    category: 'page',
    summary: 'A shared or service worker ended, by a crash or because it was stopped; CDP does not say which.',
    context: true,
    data: z.object(endedShape),
  }),
} as const
