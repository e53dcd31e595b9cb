import type { Envelope } from '@tabscope/schema'
import pico from 'picocolors'
import { expect, test } from 'vitest'
import { eventLine } from './event-line.ts'

const colors = pico.createColors(false)
// The line shows local time; the test must not depend on where it runs.
const ts = new Date(2026, 0, 2, 3, 4, 5, 6).getTime() * 1000

function line(type: string, data: unknown, width = 200): string {
  const source = { kind: 'cdp', metadata: {} }
  const envelope = {
    seq: 42,
    capture_session_id: 's',
    event: { ts, type, category: type.split('_')[0], detail_level: 'standard', source, data },
  }
  return eventLine(envelope as unknown as Envelope, { colors, width })
}

test('a line has number, local time, type and what is worth saying', () => {
  expect(line('console_log', { level: 'log', text: 'hello' })).toBe('    42  03:04:05.006  console_log                     hello')
})

test.each([
  ['console_log', { level: 'warning', text: 'careful' }, 'warning: careful'],
  ['console_error', { text: 'Uncaught Error: boom', source_url: 'http://a/b.js', line: 3 }, 'Uncaught Error: boom (http://a/b.js:3)'],
  ['network_request', { method: 'GET', url: 'http://a/', redirect_url: 'http://b/' }, 'GET http://a/ (redirected from http://b/)'],
  [
    'network_response',
    { status: 200, method: 'GET', url: 'http://a/', mime_type: 'text/html', duration_ms: 12.4, encoded_bytes: 512, from_cache: 'disk' },
    '200 GET http://a/ (text/html, 12 ms, 512 B, from disk cache)',
  ],
  ['network_response', { status: 204, url: 'http://a/' }, '204 http://a/'],
  ['network_loading_failed', { error_text: 'net::ERR_FAILED', url: 'http://a/' }, 'net::ERR_FAILED http://a/'],
  ['page_navigation', { url: 'http://a/', parent_frame_id: 'F', nav_seq: 3 }, 'http://a/ (subframe)'],
  ['page_layout_shift', { layout_shift_details: { value: 0.123456 }, cumulative_score: 0.5 }, '0.1235 (sum 0.5000)'],
  ['page_load', { url: 'http://a/', session_id: 'S', cdp_timestamp: 1 }, 'http://a/'],
  ['monitor_disconnected', { reason: 'chrome_restarted', cause: 'connection_lost' }, 'reason=chrome_restarted cause=connection_lost'],
  ['something_of_a_newer_server', { count: 3, nested: { a: 1 } }, 'count=3'],
])('%s says %j as: %s', (type, data, said) => {
  expect(line(type, data).slice('    42  03:04:05.006  '.length).replace(type, '').trim()).toBe(said)
})

test.each([[null], [undefined], ['text'], [{}], [{ text: { nested: true } }]])('data %j is no reason to fail', (data) => {
  expect(line('console_log', data)).toBe('    42  03:04:05.006  console_log')
})

test('a line is as wide as asked, however long the text', () => {
  const text = line('console_log', { text: 'x'.repeat(1000) }, 80)
  expect(text.length).toBeLessThanOrEqual(80)
  expect(text.endsWith('x…')).toBe(true)
})

test('nothing from the page can act on the terminal, not even a type', () => {
  expect(line('console_log', { text: 'a\x1b[2Jb\nc' })).toBe('    42  03:04:05.006  console_log                     a\\x1b[2Jb\\nc')
  expect(line('\x1b[2J', { text: '\x07' })).not.toContain('\x1b')
})
