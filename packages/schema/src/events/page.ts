// What becomes of a page: navigations, loading, layout, settling, dialogs, downloads. Follows CDP's Page and
// PerformanceTimeline domains. Times of PerformanceTimeline are milliseconds here, seconds in CDP.
import { z } from 'zod'
import { contextShape } from '../context.ts'
import { added, defineEvent, published } from '../define-event.ts'
import { ignoredRequestSchema } from './network.ts'

const chromeTime = z.number().meta(published("Chromium's monotonic clock in seconds; not a wall clock"))
const timelineShape = {
  source_frame_id: z.string().meta(published('Frame that it happened in')),
  time: z.number().meta(published('Unix milliseconds as the page measured it')),
}
const rect = z.object({ x: z.number(), y: z.number(), width: z.number(), height: z.number() })
const durationMs = z.number().nonnegative()

/** What `page_navigation_settled` waits for, by the names of their events. */
export const settleConditions = ['page_dom_content_loaded', 'network_idle', 'page_layout_settled'] as const

export const navigationEvents = {
  page_navigation: defineEvent('page_navigation', {
    category: 'page',
    summary: 'A frame has a new document.',
    contract: 'node',
    context: true,
    data: z.object({
      ...contextShape,
      url: z.string().meta(published('URL of the new document', { sensitive: 'url' })),
      frame_id: z.string().meta(published('The frame')),
      loader_id: z.string().meta(published('The document load')),
      parent_frame_id: z.string().optional().meta(published('Parent of a subframe; absent at the top')),
      navigation_type: z.enum(['navigate', 'reload', 'back_forward', 'bfcache_restore']).optional().meta(added('How it came about')),
    }),
  }),
  page_navigated_within_document: defineEvent('page_navigated_within_document', {
    category: 'page',
    summary: 'The URL changed without a new document, as in single-page applications. `nav_seq` stays.',
    context: true,
    data: z.object({
      ...contextShape,
      url: z.string().meta(added('The new URL', { sensitive: 'url' })),
      navigation_type: z.enum(['fragment', 'history_api', 'anchor', 'other']).optional().meta(added('How it came about')),
      route_seq: z.int().nonnegative().optional().meta(added('How many such changes since the last navigation; first = 1')),
    }),
  }),
  page_navigation_failed: defineEvent('page_navigation_failed', {
    category: 'page',
    summary: 'A navigation did not get its document.',
    context: true,
    data: z.object({ ...contextShape, error_text: z.string().optional().meta(added('Such as `net::ERR_NAME_NOT_RESOLVED`')) }),
  }),
  page_dom_content_loaded: defineEvent('page_dom_content_loaded', {
    category: 'page',
    summary: 'The document is parsed.',
    contract: 'node',
    context: true,
    data: z.object({ ...contextShape, cdp_timestamp: chromeTime }),
  }),
  page_load: defineEvent('page_load', {
    category: 'page',
    summary: 'The load event fired.',
    contract: 'node',
    context: true,
    data: z.object({ ...contextShape, cdp_timestamp: chromeTime }),
  }),
  page_dom_updated: defineEvent('page_dom_updated', {
    category: 'page',
    summary: 'The whole document tree was replaced (`DOM.documentUpdated`).',
    detail: 'verbose',
    context: true,
    data: z.object(contextShape),
  }),
} as const

export const layoutEvents = {
  page_layout_shift: defineEvent('page_layout_shift', {
    category: 'page',
    summary: 'Something visible moved without being asked to.',
    contract: 'node',
    context: true,
    data: z.object({
      ...contextShape,
      ...timelineShape,
      duration: z.number().meta(published('Milliseconds; 0')),
      layout_shift_details: z
        .object({
          value: z.number().optional().describe('Score of this shift'),
          had_recent_input: z.boolean().optional().describe('True within 500 ms of an input; does not count for CLS'),
        })
        .optional()
        .meta(published('The shift')),
      cumulative_score: z.number().optional().meta(added('Sum of the scores without recent input since the navigation')),
      sources: z
        .array(z.object({ previous_rect: rect.optional(), current_rect: rect.optional(), node_id: z.int().optional() }))
        .optional()
        .meta(added('What moved, in CSS pixels', { detail: 'verbose' })),
    }),
  }),
  page_lcp: defineEvent('page_lcp', {
    category: 'page',
    summary: 'A larger content element than before was painted.',
    contract: 'node',
    context: true,
    data: z.object({
      ...contextShape,
      ...timelineShape,
      lcp_details: z
        .object({
          render_time: z.number().optional().describe('Unix milliseconds'),
          load_time: z.number().optional().describe('Unix milliseconds'),
          size: z.number().optional().describe('Square CSS pixels'),
          element_id: z.string().optional(),
          url: z.string().optional(),
          node_id: z.int().optional(),
        })
        .optional()
        .meta(published('The element', { sensitive: 'text' })),
    }),
  }),
  page_layout_settled: defineEvent('page_layout_settled', {
    category: 'page',
    summary: 'No layout shift for 1 s after the page loaded.',
    contract: 'node',
    context: true,
    data: z.object({
      ...contextShape,
      load_fired: z.boolean().optional().meta(added('False when the load event had not come 10 s after DOMContentLoaded')),
    }),
  }),
  page_navigation_settled: defineEvent('page_navigation_settled', {
    category: 'page',
    summary: 'The document is parsed, its network idle and its layout settled; or the cap of 30 s passed (`timed_out`).',
    contract: 'node',
    context: true,
    data: z.object({
      ...contextShape,
      dom_content_loaded_ms: durationMs.optional().meta(added('Since commit')),
      network_idle_ms: durationMs.optional().meta(added('Since commit')),
      layout_settled_ms: durationMs.optional().meta(added('Since commit')),
      duration_ms: durationMs.optional().meta(added('Since commit')),
      ignored_requests: z
        .array(ignoredRequestSchema)
        .optional()
        .meta(added('Requests that were too old to wait for', { sensitive: 'text' })),
      timed_out: z.boolean().optional().meta(added('True when the cap was reached')),
      waiting_for: z.array(z.enum(settleConditions)).optional().meta(added('What had not come when the cap was reached')),
    }),
  }),
} as const

export const dialogEvents = {
  page_dialog_opened: defineEvent('page_dialog_opened', {
    category: 'page',
    summary: 'A JavaScript dialog opened; the page waits until it is answered.',
    context: true,
    data: z.object({
      ...contextShape,
      dialog_type: z.string().optional().meta(added('alert, confirm, prompt or beforeunload')),
      message: z
        .string()
        .optional()
        .meta(added('What it says', { sensitive: 'text' })),
      default_prompt: z
        .string()
        .optional()
        .meta(added('What a prompt suggests', { sensitive: 'text' })),
    }),
  }),
  page_dialog_closed: defineEvent('page_dialog_closed', {
    category: 'page',
    summary: 'A JavaScript dialog was answered.',
    context: true,
    data: z.object({ ...contextShape, accepted: z.boolean().optional().meta(added('Whether it was accepted')) }),
  }),
  page_download_started: defineEvent('page_download_started', {
    category: 'page',
    summary: 'A download began.',
    context: true,
    data: z.object({
      ...contextShape,
      guid: z.string().optional().meta(added('Joins with `page_download_finished`')),
      suggested_filename: z
        .string()
        .optional()
        .meta(added('As the server or the page names it', { sensitive: 'text' })),
    }),
  }),
  page_download_finished: defineEvent('page_download_finished', {
    category: 'page',
    summary: 'A download ended, complete or not.',
    context: true,
    data: z.object({
      ...contextShape,
      guid: z.string().optional().meta(added('Joins with `page_download_started`')),
      suggested_filename: z
        .string()
        .optional()
        .meta(added('As in `page_download_started`', { sensitive: 'text' })),
      state: z.enum(['completed', 'canceled']).optional().meta(added('How it ended')),
      received_bytes: z.int().nonnegative().optional().meta(added('Bytes received')),
    }),
  }),
} as const
