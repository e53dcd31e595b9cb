// What is worth saying about an event in the rest of a line, by type. Reads `data` carefully: it may be null or cut.
import type { Envelope, EventType } from '@tabscope/schema'

type Data = Readonly<Record<string, unknown>>

/** A field as text, or nothing when it is absent. */
function text(data: Data, key: string, shape: (value: string) => string = (value) => value): string {
  const value = data[key]
  return value === undefined || value === null || typeof value === 'object' ? '' : shape(String(value))
}

const milliseconds = (value: string): string => `${Math.round(Number(value))} ms`
const bytes = (value: string): string => `${value} B`
const inParentheses = (parts: readonly string[]): string => (parts.some(isThere) ? `(${parts.filter(isThere).join(', ')})` : '')
const isThere = (part: string): boolean => part !== ''
const join = (...parts: readonly string[]): string => parts.filter(isThere).join(' ')

function responseSummary(data: Data): string {
  const details = [
    text(data, 'mime_type'),
    text(data, 'duration_ms', milliseconds),
    text(data, 'encoded_bytes', bytes),
    text(data, 'from_cache', (from) => `from ${from} cache`),
  ]
  return join(text(data, 'status'), text(data, 'method'), text(data, 'url'), inParentheses(details))
}

function shiftSummary(data: Data): string {
  const details = data['layout_shift_details']
  const value = typeof details === 'object' && details !== null && 'value' in details ? Number(details.value).toFixed(4) : ''
  return join(value, inParentheses([text(data, 'cumulative_score', (score) => `sum ${Number(score).toFixed(4)}`)]))
}

const summaries: Partial<Record<EventType, (data: Data) => string>> = {
  console_log: (data) =>
    join(
      text(data, 'level', (level) => (level === 'log' ? '' : `${level}:`)),
      text(data, 'text'),
    ),
  console_error: (data) =>
    join(
      text(data, 'text'),
      text(data, 'source_url', (url) => `(${url}${text(data, 'line', (line) => `:${line}`)})`),
    ),
  network_request: (data) =>
    join(
      text(data, 'method'),
      text(data, 'url'),
      text(data, 'redirect_url', (url) => `(redirected from ${url})`),
    ),
  network_response: responseSummary,
  network_loading_failed: (data) => join(text(data, 'error_text'), text(data, 'url')),
  page_navigation: (data) =>
    join(
      text(data, 'url'),
      text(data, 'parent_frame_id', () => '(subframe)'),
    ),
  page_navigated_within_document: (data) => text(data, 'url'),
  page_navigation_failed: (data) => join(text(data, 'error_text'), text(data, 'url')),
  page_tab_opened: (data) => join(text(data, 'target_type'), text(data, 'url')),
  page_tab_closed: (data) => text(data, 'url'),
  page_layout_shift: shiftSummary,
  page_navigation_settled: (data) => join(text(data, 'duration_ms', milliseconds), text(data, 'url')),
}

/** Said about any other event: its own plain fields, without the context that every event has. */
const contextKeys: ReadonlySet<string> = new Set([
  'session_id',
  'target_id',
  'target_type',
  'page_target_id',
  'frame_id',
  'loader_id',
  'nav_seq',
  'cdp_timestamp',
  'observed_ts',
  'source_frame_id',
  'time',
  'duration',
])

function plainFields(data: Data): string {
  return Object.keys(data)
    .filter((key) => !contextKeys.has(key))
    .map((key) => text(data, key, (value) => (key === 'url' ? value : `${key}=${value}`)))
    .filter(isThere)
    .join(' ')
}

/** One line's worth about the event; empty when there is nothing to say. Not yet safe to print. */
export function summarise(envelope: Envelope): string {
  const data: unknown = envelope.event.data
  if (typeof data !== 'object' || data === null) return ''
  return (summaries[envelope.event.type] ?? plainFields)(data as Data)
}
