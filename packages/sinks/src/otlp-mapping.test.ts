// Events as log records: which attributes, which severity, what is cut. Real records of a log in, so that the shape of a line is the real one.
import { openEventLog } from '@tabscope/log'
import { createManualClock, type EventDraft, type EventRecord, type EventType, type ForeignDraft, limits } from '@tabscope/schema'
import { expect, test } from 'vitest'
import { type OtlpRecord, otlpRecordOf } from './otlp-mapping.ts'

const captureSessionId = '7b1c2f5e-0000-4000-8000-000000000001'
const log = await openEventLog({ clock: createManualClock() })

function recordOf(draft: EventDraft | ForeignDraft): EventRecord {
  return log.append(draft, captureSessionId)
}

const cdp = { kind: 'cdp', event: 'Network.responseReceived', metadata: { target_id: 'T1', cdp_session_id: 'S1' } } as const

function draft<Type extends EventType>(type: Type, data: unknown, category: EventDraft['category'] = 'network'): ForeignDraft {
  return { type, category, detailLevel: 'standard', source: cdp, data }
}

function mapped(from: EventDraft | ForeignDraft): OtlpRecord {
  const record = otlpRecordOf(recordOf(from))
  if (record === undefined) throw new Error('not exported')
  return record
}

/** Only what the table adds: every record has the others. */
function promoted(from: ForeignDraft): Record<string, unknown> {
  const common = /^(kernel\.(event|source|detail_level|target_id|cdp_session_id|truncated)|session\.id)/
  return Object.fromEntries(Object.entries(mapped(from).attributes).filter(([key]) => !common.test(key)))
}

test('an event is a record with its time, name, severity, data and place', () => {
  const record = recordOf(draft('network_idle', { idle_seq: 1, ratio: 0.5, ignored_requests: [], nothing: null }))
  expect(otlpRecordOf(record)).toEqual({
    timeUs: record.tsUs,
    eventName: 'network_idle',
    severity: { text: 'INFO', number: 9 },
    body: { idle_seq: 1, ratio: 0.5, ignored_requests: [], nothing: null },
    attributes: {
      'kernel.target_id': 'T1',
      'kernel.cdp_session_id': 'S1',
      'kernel.event.type': 'network_idle',
      'kernel.event.category': 'network',
      'kernel.event.seq': record.seq,
      'kernel.detail_level': 'standard',
      'kernel.source.kind': 'cdp',
      'kernel.source.event': 'Network.responseReceived',
      'session.id': captureSessionId,
    },
  })
})

const agent = 'Mozilla/5.0 (X11; Linux x86_64)'

test.each<[string, ForeignDraft, Record<string, unknown>]>([
  [
    'a request',
    draft('network_request', {
      request_id: '1',
      method: 'POST',
      url: 'https://example.com/a?b=c',
      headers: { 'User-Agent': agent, 'sec-ch-ua-mobile': '?0', 'sec-ch-ua-platform': '"Linux"', 'Accept-Language': 'de-CH,de;q=0.9' },
    }),
    {
      'http.request.method': 'POST',
      'url.full': 'https://example.com/a?b=c',
      'server.address': 'example.com',
      'server.port': 443,
      'user_agent.original': agent,
      'browser.mobile': false,
      'browser.platform': 'Linux',
      'browser.language': 'de-CH',
    },
  ],
  [
    'a response',
    draft('network_response', {
      request_id: '1',
      method: 'GET',
      url: 'http://[::1]:8080/',
      status: 503,
      encoded_bytes: 712,
      remote_ip: '::1',
      remote_port: 8080,
      protocol: 'http/1.1',
      headers: { 'user-agent': 'of the response, which means nothing' },
      request_headers: { 'user-agent': agent },
    }),
    {
      'http.request.method': 'GET',
      'http.response.status_code': 503,
      'http.response.size': 712,
      'url.full': 'http://[::1]:8080/',
      'server.address': '::1',
      'server.port': 8080,
      'network.peer.address': '::1',
      'network.peer.port': 8080,
      'network.protocol.name': 'http',
      'network.protocol.version': '1.1',
      'user_agent.original': agent,
      'error.type': '503',
    },
  ],
  [
    'a response over HTTP/2 that is fine',
    draft('network_response', { url: 'https://e.org/', status: 200, protocol: 'h2' }),
    {
      'http.response.status_code': 200,
      'url.full': 'https://e.org/',
      'server.address': 'e.org',
      'server.port': 443,
      'network.protocol.name': 'http',
      'network.protocol.version': '2',
    },
  ],
  [
    'a failure',
    draft('network_loading_failed', { request_id: '1', error_text: 'net::ERR_FAILED', canceled: false }),
    { 'error.type': 'net::ERR_FAILED' },
  ],
  [
    'a refusal of the proxy',
    draft('proxy_error', { request_id: '1', code: 'upstream_timeout', status: 502 }),
    { 'http.response.status_code': 502, 'kernel.proxy_error_code': 'upstream_timeout' },
  ],
  ['a console call', draft('console_log', { level: 'warning', text: 'x' }, 'console'), { 'kernel.console.level': 'warning' }],
  [
    'an error that was only printed',
    draft('console_error', { level: 'error', text: 'Uncaught Error: no' }, 'console'),
    { 'kernel.console.level': 'error' },
  ],
  [
    'an exception',
    draft(
      'console_error',
      {
        text: 'Uncaught TypeError: x is not a function',
        stack_trace: {
          callFrames: [
            { functionName: 'go', scriptId: '3', url: 'https://e.org/a.js', lineNumber: 9, columnNumber: 4 },
            { functionName: '', scriptId: '3', url: 'https://e.org/a.js', lineNumber: 0, columnNumber: 0 },
          ],
        },
      },
      'console',
    ),
    {
      'exception.type': 'TypeError',
      'exception.message': 'x is not a function',
      'exception.stacktrace': '    at go (https://e.org/a.js:10:5)\n    at https://e.org/a.js:1:1',
    },
  ],
  [
    'a rejection that nobody handled',
    draft('console_error', { text: 'Uncaught (in promise) Error', is_unhandled_rejection: true }, 'console'),
    { 'exception.type': 'Error', 'exception.message': '' },
  ],
  ['a thrown text', draft('console_error', { text: 'Uncaught boom' }, 'console'), { 'exception.message': 'boom' }],
  ['a page', draft('page_load', { url: 'about:blank' }, 'page'), { 'url.full': 'about:blank' }],
  [
    'nonsense of an outside producer',
    draft('network_response', { url: 7, status: 'x', method: {}, headers: [1], protocol: 'blob', encoded_bytes: 1e300 }),
    {},
  ],
  ['data that is no object', draft('network_request', ['a']), {}],
])('%s gets the attributes that fit', (_what, from, attributes) => {
  expect(promoted(from)).toEqual(attributes)
})

test.each<[ForeignDraft, string]>([
  [draft('console_error', { text: 'x' }, 'console'), 'ERROR'],
  [draft('page_crashed', {}, 'page'), 'ERROR'],
  [draft('service_crashed', {}, 'system'), 'ERROR'],
  [draft('system_oom_kill', {}, 'system'), 'ERROR'],
  [draft('proxy_error', { resource_type: 'Document' }), 'ERROR'],
  [draft('proxy_error', { resource_type: 'Image' }), 'WARN'],
  [draft('network_loading_failed', {}), 'WARN'],
  [draft('page_navigation_failed', {}, 'page'), 'WARN'],
  [draft('console_log', { level: 'warning' }, 'console'), 'WARN'],
  [draft('console_log', { level: 'debug' }, 'console'), 'DEBUG'],
  [draft('console_log', { level: 'log' }, 'console'), 'INFO'],
  [draft('page_load', null, 'page'), 'INFO'],
])('severity of %o is %s', (from, severity) => {
  expect(mapped(from).severity.text).toBe(severity)
})

test('screenshots, and what is said about the export itself, are not exported', () => {
  expect(otlpRecordOf(recordOf(draft('monitor_screenshot', { png: 'AAAA' }, 'screenshot')))).toBeUndefined()
  expect(otlpRecordOf(recordOf(draft('monitor_degraded', { what: 'sink_refused' }, 'monitor')))).toBeUndefined()
})

test('no data, or null, is no body', () => {
  expect([mapped(draft('page_load', null, 'page')).body, mapped(draft('page_load', undefined, 'page')).body]).toEqual([
    undefined,
    undefined,
  ])
})

test('a label of a producer cannot stand for an attribute of ours', () => {
  const source = { kind: 'local_process', metadata: { 'event.type': 'forged', own: 'x' } } as const
  const { attributes } = mapped({ type: 'deploy', category: 'system', detailLevel: 'standard', source })
  expect([attributes['kernel.event.type'], attributes['kernel.own']]).toEqual(['deploy', 'x'])
})

test('a large body is cut between two characters, and the record says so', () => {
  const { body, attributes } = mapped(draft('network_response', { request_id: '1', status: 200, body: '🙂'.repeat(50_000) }))
  const text = (body as { body: string }).body
  expect([
    text.endsWith('🙂...[truncated]'),
    text.includes('\ufffd'),
    Buffer.byteLength(text) <= limits.otlpTextBytes,
    attributes['kernel.truncated'],
  ]).toEqual([true, false, true, true])
})

test('what is large by number becomes shorter, then goes', () => {
  const wide = mapped(
    draft('network_response', {
      status: 200,
      headers: Object.fromEntries(Array.from({ length: 400 }, (_, at) => [`h${at}`, 'v'.repeat(2000)])),
    }),
  )
  const deep = (levels: number): unknown => (levels === 0 ? 'x'.repeat(200) : Array.from({ length: 60 }, () => deep(levels - 1)))
  const gone = mapped(draft('console_log', { level: 'log', args: deep(2), more: deep(2) }, 'console'))
  const headers = (wide.body as { headers: Record<string, string> }).headers
  expect([
    Object.keys(headers).length,
    headers['h0']?.length,
    wide.attributes['kernel.truncated'],
    gone.body,
    gone.attributes['kernel.truncated'],
  ]).toEqual([200, 1024, true, undefined, true])
})

test('an attribute is cut too: a page chooses its URL', () => {
  const { attributes } = mapped(draft('page_load', { url: `data:text/html,${'x'.repeat(900_000)}` }, 'page'))
  expect([String(attributes['url.full']).length, String(attributes['url.full']).endsWith('...[truncated]')]).toEqual([
    limits.otlpAttributeBytes,
    true,
  ])
})

test('a key that means something to JavaScript stays a key', () => {
  const { body } = mapped({
    type: 'x',
    category: 'system',
    detailLevel: 'standard',
    source: { kind: 'local_process' },
    data: JSON.parse('{"__proto__":{"a":1}}'),
  })
  expect(JSON.stringify(body)).toBe('{"__proto__":{"a":1}}')
})
