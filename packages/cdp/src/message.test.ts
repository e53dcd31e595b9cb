// Bytes to messages: never a throw, never a message that the JSON does not say.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { scanDataReceived } from './data-received.ts'
import { leadingMethod, parseMessage } from './message.ts'

const bytesOf = (text: string): Buffer => Buffer.from(text, 'utf8')

describe('parseMessage', () => {
  test('an event keeps method, params and session', () => {
    expect(parseMessage(bytesOf('{"method":"Page.loadEventFired","params":{"timestamp":1.5},"sessionId":"S"}'))).toEqual({
      kind: 'event',
      method: 'Page.loadEventFired',
      params: { timestamp: 1.5 },
      sessionId: 'S',
    })
  })

  test('an answer is a result, or a refusal with both halves of its text', () => {
    expect([
      parseMessage(bytesOf('{"id":3,"result":{"a":1},"sessionId":"S"}')),
      parseMessage(bytesOf('{"id":4,"error":{"code":-32602,"message":"Invalid parameters","data":"Failed to deserialize params.x"}}')),
      parseMessage(bytesOf('{"id":5,"error":7}')),
    ]).toEqual([
      { kind: 'answer', id: 3, answer: { ok: true, result: { a: 1 } } },
      { kind: 'answer', id: 4, answer: { ok: false, code: 'rejected', message: 'Invalid parameters: Failed to deserialize params.x' } },
      { kind: 'answer', id: 5, answer: { ok: false, code: 'rejected', message: '7' } },
    ])
  })

  test.each([
    ['', 'Unexpected end of JSON input'],
    ['null', 'not an object'],
    ['[{"method":"a"}]', 'not an object'],
    ['"x"', 'not an object'],
    ['{}', 'neither an event nor an answer'],
    ['{"id":"1","result":{}}', 'neither an event nor an answer'],
    ['{"method":5}', 'neither an event nor an answer'],
    ['{"method":"A.b","sessionId":5}', 'sessionId is not a string'],
  ])('%s is unparsable: %s', (text, reason) => {
    expect(parseMessage(bytesOf(text))).toEqual({ kind: 'unparsable', reason })
  })

  test('no bytes make it throw', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        expect(['event', 'answer', 'unparsable']).toContain(parseMessage(Buffer.from(bytes)).kind)
      }),
    )
  })

  test('no damage to a real message makes it throw', () => {
    const real = bytesOf('{"method":"Network.requestWillBeSent","params":{"request":{"url":"https://a/é😀\\"}"}},"sessionId":"AB"}')
    fc.assert(
      fc.property(fc.nat(real.length - 1), fc.uint8Array({ maxLength: 4 }), fc.nat(8), (at, replacement, removed) => {
        const damaged = Buffer.concat([real.subarray(0, at), replacement, real.subarray(at + removed)])
        expect(['event', 'answer', 'unparsable']).toContain(parseMessage(damaged).kind)
      }),
      { numRuns: 1000 },
    )
  })

  test('an object nested a hundred thousand deep is parsed or refused, not a crash', () => {
    const depth = 100_000
    const parsed = parseMessage(bytesOf(`{"method":"A.b","params":${'['.repeat(depth)}${']'.repeat(depth)}}`))
    expect(['event', 'unparsable']).toContain(parsed.kind)
  })
})

describe('leadingMethod', () => {
  test('it is the method that the parser finds, whatever the params pretend', () => {
    const name = fc.stringMatching(/^[A-Za-z][A-Za-z0-9.]{0,40}$/)
    fc.assert(
      fc.property(name, fc.json(), (method, params) => {
        const bytes = bytesOf(`{"method":"${method}","params":${params}}`)
        expect({ ...parseMessage(bytes), leading: leadingMethod(bytes) }).toMatchObject({ kind: 'event', method, leading: method })
      }),
    )
  })

  test.each([
    '{"id":1,"result":{"method":"Page.x"}}',
    '{"params":{"method":"Page.x"},"method":"Page.y"}',
    ' {"method":"Page.x"}',
    '{"method":"Pa\\u0067e.x"}',
    '{"method":"Page.é"}',
    '{"method":"Page.x',
    `{"method":"${'a'.repeat(1000)}"}`,
    '',
  ])('%s has none that may be relied on', (text) => {
    expect(leadingMethod(bytesOf(text))).toBeUndefined()
  })
})

describe('scanDataReceived', () => {
  const ascii = fc.string({ unit: 'grapheme-ascii', maxLength: 40 })
  const params = fc.record({
    requestId: ascii,
    timestamp: fc.oneof(fc.double({ noNaN: true, noDefaultInfinity: true }), fc.nat()),
    dataLength: fc.oneof(fc.nat(), fc.maxSafeNat(), fc.integer()),
    encodedDataLength: fc.oneof(fc.nat(), fc.integer()),
  })

  test('where it gives a message, that is what the parser gives', () => {
    fc.assert(
      fc.property(params, fc.option(ascii, { nil: undefined }), (params, sessionId) => {
        const bytes = bytesOf(JSON.stringify({ method: 'Network.dataReceived', params, sessionId }))
        const scanned = scanDataReceived(bytes)
        if (scanned !== undefined) expect(scanned).toEqual(parseMessage(bytes))
      }),
      { numRuns: 2000 },
    )
  })

  test('where the bytes are damaged, it gives what the parser gives or nothing', () => {
    const real = bytesOf(
      '{"method":"Network.dataReceived","params":{"requestId":"10.5","timestamp":3492.542268,"dataLength":70788,"encodedDataLength":300014},"sessionId":"C332"}',
    )
    fc.assert(
      fc.property(fc.nat(real.length - 1), fc.string({ unit: 'binary-ascii', maxLength: 3 }), fc.nat(3), (at, replacement, removed) => {
        const damaged = Buffer.concat([real.subarray(0, at), bytesOf(replacement), real.subarray(at + removed)])
        const scanned = scanDataReceived(damaged)
        if (scanned !== undefined) expect(scanned).toEqual(parseMessage(damaged))
      }),
      { numRuns: 5000 },
    )
  })

  test('it reads what Chromium writes, with and without a session', () => {
    const params = { requestId: '10561.2', timestamp: 3492.539107, dataLength: 229212, encodedDataLength: 0 }
    const message = (extra: object): Buffer => bytesOf(JSON.stringify({ method: 'Network.dataReceived', params, ...extra }))
    expect([scanDataReceived(message({ sessionId: 'C3' })), scanDataReceived(message({}))]).toEqual([
      { kind: 'event', method: 'Network.dataReceived', params, sessionId: 'C3' },
      { kind: 'event', method: 'Network.dataReceived', params, sessionId: undefined },
    ])
  })

  test.each(['"data":"AAAA"', '"data":""'])('with the body in it (%s) the parser is left to it', (data) => {
    const text = `{"method":"Network.dataReceived","params":{"requestId":"1","timestamp":1,"dataLength":4,"encodedDataLength":4,${data}}}`
    expect(scanDataReceived(bytesOf(text))).toBeUndefined()
  })
})
