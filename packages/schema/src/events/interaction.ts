// What somebody did in a page: clicks, keys, scrolling. Comes from an isolated world that the page can neither see nor forge.
// Never holds what was typed into, or the text of, a field that looks sensitive.
import { z } from 'zod'
import { contextShape } from '../context.ts'
import { added, defineEvent, published } from '../define-event.ts'

const selector = z
  .string()
  .meta(published('Short unique CSS path, at most 256 characters; `>>>` crosses shadow roots', { sensitive: 'text' }))
const tag = z.string().meta(published('Tag name in upper case'))

export const interactionEvents = {
  interaction_click: defineEvent('interaction_click', {
    category: 'interaction',
    summary: 'Somebody clicked in a page.',
    contract: 'node',
    context: true,
    data: z.object({
      ...contextShape,
      x: z.int().meta(published('CSS pixels from the left of the viewport of `frame_id`')),
      y: z.int().meta(published('CSS pixels from the top of the viewport of `frame_id`')),
      selector,
      tag,
      text: z
        .string()
        .optional()
        .meta(published("The element's own text, at most 100 characters; absent when sensitive", { sensitive: 'text' })),
      button: z.string().optional().meta(added('left, middle, right, back or forward')),
      role: z.string().optional().meta(added('ARIA role')),
      name: z
        .string()
        .optional()
        .meta(added('Accessible name; absent when sensitive', { sensitive: 'text' })),
      test_id: z
        .string()
        .optional()
        .meta(added('`data-testid` of the element or the nearest ancestor', { sensitive: 'text' })),
    }),
  }),
  interaction_key: defineEvent('interaction_key', {
    category: 'interaction',
    summary: 'Somebody pressed a key outside a sensitive field.',
    contract: 'node',
    context: true,
    data: z.object({
      ...contextShape,
      key: z.string().meta(published('`KeyboardEvent.key`; at `minimal` every printable key is `printable`')),
      selector,
      tag,
      modifiers: z
        .array(z.enum(['alt', 'ctrl', 'meta', 'shift']))
        .optional()
        .meta(added('Modifier keys held')),
    }),
  }),
  interaction_scroll_settled: defineEvent('interaction_scroll_settled', {
    category: 'interaction',
    summary: 'Scrolling of one element came to rest more than 5 px from where it began.',
    contract: 'node',
    context: true,
    data: z.object({
      ...contextShape,
      from_x: z.int().meta(published('CSS pixels')),
      from_y: z.int().meta(published('CSS pixels')),
      to_x: z.int().meta(published('CSS pixels')),
      to_y: z.int().meta(published('CSS pixels')),
      target_selector: z.string().meta(published('What scrolled; `document` for the page itself', { sensitive: 'text' })),
    }),
  }),
} as const
