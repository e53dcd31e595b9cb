import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createSseDecoder, type SseId, type SseMessage } from './sse.ts'
import { decodeWhole } from './testing/reference-decoder.ts'

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text)

function decode(text: string | Uint8Array, cuts: readonly number[] = []): (SseMessage | SseId)[] {
  const bytes = typeof text === 'string' ? bytesOf(text) : text
  const decoder = createSseDecoder()
  const places = [0, ...[...cuts].sort((a, b) => a - b), bytes.length]
  return places.slice(1).flatMap((end, index) => decoder.push(bytes.subarray(places[index], end)))
}

const message = (data: string, more: Partial<SseMessage> = {}): SseMessage => ({
  kind: 'message',
  event: 'message',
  data,
  lastEventId: '',
  ...more,
})

test('a frame of ours is one message with its id', () => {
  expect(decode('id: 42\ndata: {"seq":42}\n\n')).toEqual([message('{"seq":42}', { lastEventId: '42' })])
})

test('several data lines are joined by line feeds, and only one leading space is taken away', () => {
  expect(decode('data:a\ndata:  b\ndata\ndata: c\n\n')).toEqual([message('a\n b\n\nc')])
})

test('LF, CR and CRLF end a line alike', () => {
  expect(decode('data: a\n\ndata: b\r\rdata: c\r\n\r\n')).toEqual([message('a'), message('b'), message('c')])
})

test('CR and LF in two chunks are one line end', () => {
  expect(decode('data: a\r\ndata: b\r\n\r\n', [8])).toEqual([message('a\nb')])
})

test('a comment never dispatches, neither alone nor after an id', () => {
  expect(decode(':\n\n: keepalive\n\nid: 7\n: gap from=1 to=2 reason=slow\n\n')).toEqual([{ kind: 'id', lastEventId: '7' }])
})

test('an id is sticky: it holds for later messages without one', () => {
  expect(decode('id: 1\ndata: a\n\ndata: b\n\n')).toEqual([message('a', { lastEventId: '1' }), message('b', { lastEventId: '1' })])
})

test('a frame with only an id moves the cursor and dispatches nothing', () => {
  expect(decode('id: 9\n\ndata: a\n\n')).toEqual([{ kind: 'id', lastEventId: '9' }, message('a', { lastEventId: '9' })])
})

test('the same id again in a frame without data is no news', () => {
  expect(decode('id: 9\n\nid: 9\n\n')).toEqual([{ kind: 'id', lastEventId: '9' }])
})

test('an id with a NULL character is ignored', () => {
  expect(decode('id: 1\ndata: a\n\nid: 2\0\ndata: b\n\n')).toEqual([message('a', { lastEventId: '1' }), message('b', { lastEventId: '1' })])
})

test('empty data dispatches nothing, with and without an event name', () => {
  expect(decode('data\n\ndata:\n\nevent: gap\n\nevent: gap\ndata:\n\n')).toEqual([])
})

test('an event name holds for its own block only', () => {
  expect(decode('event: gap\ndata: {}\n\ndata: a\n\n')).toEqual([message('{}', { event: 'gap' }), message('a')])
})

test('unknown fields and retry are ignored', () => {
  expect(decode('retry: 10\nfoo: bar\nbaz\ndata: a\n\n')).toEqual([message('a')])
})

test('a byte order mark at the start is not part of the first field, one later is', () => {
  expect(decode('\ufeffdata: a\n\n\ufeffdata: b\n\n')).toEqual([message('a')])
})

test('a block that the end cut off is dropped, and so is its id', () => {
  const decoder = createSseDecoder()
  expect(decoder.push(bytesOf('id: 1\ndata: a\n\nid: 2\ndata: b\n'))).toEqual([message('a', { lastEventId: '1' })])
})

test('a character whose bytes come one by one is whole', () => {
  expect(decode('data: 😀é\n\n', [7, 8, 9, 10, 11])).toEqual([message('😀é')])
})

test('a block without end is refused at the bound, in one line and in many', () => {
  const push = (text: string) => () => createSseDecoder({ mostCharacters: 100 }).push(bytesOf(text))
  expect(push(`data: ${'x'.repeat(200)}`)).toThrow('The stream sent a block of more than 100 characters')
  expect(push('data: 0123456789\n'.repeat(20))).toThrow('The stream sent a block of more than 100 characters')
  expect(push(`${'data: 0123456789\n'.repeat(5)}\n`.repeat(20))).not.toThrow()
  expect(push(`: ${'comment '.repeat(5)}\n\n`.repeat(50))).not.toThrow()
})

// Pieces that say much about line ends, ids and blocks, and some that are nothing at all.
const piece = fc.oneof(
  fc.constantFrom(
    '\n',
    '\r',
    '\r\n',
    '\n\n',
    ':',
    ': ',
    ' ',
    'data',
    'data:',
    'data: ',
    'id',
    'id: ',
    'event: gap',
    'retry: 1',
    '\ufeff',
    '\0',
    '😀',
    'é',
  ),
  fc.stringMatching(/^[a-z0-9{}",]{0,8}$/),
  fc.nat({ max: 99 }).map((seq) => `id: ${seq}\ndata: {"seq":${seq}}\n\n`),
)
const stream = fc.array(piece, { maxLength: 60 }).map((pieces) => pieces.join(''))

test('however a stream is cut into chunks, it dispatches what the reference says', () => {
  fc.assert(
    fc.property(stream, fc.array(fc.nat()), (text, cuts) => {
      const bytes = bytesOf(text)
      const places = cuts.map((cut) => cut % (bytes.length + 1))
      expect(decode(bytes, places)).toEqual(decodeWhole(bytes))
    }),
    { numRuns: 2_000 },
  )
})

test('any bytes at all, one by one, dispatch what the reference says', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), stream, (noise, text) => {
      const bytes = Uint8Array.from([...bytesOf(text), ...noise, ...bytesOf(text)])
      expect(decode(bytes, [...bytes.keys()])).toEqual(decodeWhole(bytes))
    }),
    { numRuns: 300 },
  )
})
