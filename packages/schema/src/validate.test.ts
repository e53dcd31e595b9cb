import { describe, expect, test } from 'vitest'
import { validateEnvelope } from './validate.ts'

function envelope(event: Record<string, unknown>): unknown {
  return { seq: 3, capture_session_id: 's', event: { ts: 1, source: { kind: 'cdp' }, detail_level: 'standard', ...event } }
}

describe('an envelope is valid', () => {
  test('with unknown fields at every level', () => {
    const value = {
      ...(envelope({ type: 'page_load', category: 'page', data: { cdp_timestamp: 1.5, newer: 1 }, newer: 1 }) as object),
      newer: 1,
    }
    expect(validateEnvelope(value)).toEqual([])
  })

  test('with a type that nobody here knows and any data', () => {
    expect(validateEnvelope(envelope({ type: 'theirs', category: 'system', data: 'text' }))).toEqual([])
  })

  test('without data where nothing in it is required', () => {
    expect(validateEnvelope(envelope({ type: 'page_layout_settled', category: 'page' }))).toEqual([])
  })

  test('with null as data when it was cut', () => {
    expect(validateEnvelope(envelope({ type: 'page_load', category: 'page', data: null, truncated: true }))).toEqual([])
  })
})

describe('an envelope is not valid', () => {
  test.each<[unknown, readonly string[]]>([
    ['text', ['']],
    [{}, ['seq', 'capture_session_id', 'event']],
    [{ seq: 0, capture_session_id: 's', event: {} }, ['seq', 'event.ts', 'event.type', 'event.category', 'event.source']],
    [envelope({ type: 'page_load', category: 'network', data: { cdp_timestamp: 1 } }), ['event.category']],
    [envelope({ type: 'page_load', category: 'page', data: null }), ['event.data']],
    [
      envelope({ type: 'page_load', category: 'page', data: { cdp_timestamp: 'x', nav_seq: 1.5 } }),
      ['event.data.nav_seq', 'event.data.cdp_timestamp'],
    ],
    [envelope({ type: 'cdp_command', category: 'control', data: null, truncated: true }), ['event.data']],
    [
      envelope({
        type: 'system_oom_kill',
        category: 'system',
        data: { pid: 1, process_name: 'a', rss_kb: 1, top_tasks: [{ name: 'a', pid: 1 }] },
      }),
      ['event.data.top_tasks[0].rss_kb'],
    ],
  ])('and each finding has its path: %j', (value, paths) => {
    expect(validateEnvelope(value).map((issue) => issue.path)).toEqual(paths)
  })

  test('when a stack trace is nested without end, and the validator survives it', () => {
    let stack: unknown
    for (let level = 0; level < 30_000; level++) stack = { callFrames: [], ...(stack !== undefined && { parent: stack }) }
    const value = envelope({ type: 'console_error', category: 'console', data: { text: 'x', stack_trace: stack } })
    expect(validateEnvelope(value)).toEqual([{ path: '', code: 'too_deep', message: 'nested deeper than 512 levels' }])
  })
})
