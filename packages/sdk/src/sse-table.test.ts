// The decoder against the cases that web-platform-tests has for EventSource (eventsource/format-*), said in our own words, each cut at
// every byte. One row differs on purpose: empty data dispatches nothing here.
import { expect, test } from 'vitest'
import { createSseDecoder, type SseId, type SseMessage } from './sse.ts'

type Seen = readonly [event: string, data: string, lastEventId: string] | readonly [id: string]

interface Row {
  readonly name: string
  readonly stream: string | readonly number[]
  readonly seen: readonly Seen[]
}

const message = (data: string, lastEventId = '', event = 'message'): Seen => [event, data, lastEventId]

const rows: readonly Row[] = [
  {
    name: 'a byte order mark at the start is no part of the field',
    stream: '\ufeffdata:1\n\ndata:2\n\n',
    seen: [message('1'), message('2')],
  },
  { name: 'of two byte order marks the second one spoils the field', stream: '\ufeff\ufeffdata:1\n\ndata:2\n\n', seen: [message('2')] },
  {
    name: 'a comment is nothing, however long',
    stream: `data:1\n:${'x'.repeat(2_000)}\r\ndata:2\n:\rdata:3\n\n`,
    seen: [message('1\n2\n3')],
  },
  { name: 'a comment alone dispatches nothing', stream: ':\n\n:a\r\n\r\n:\r\r', seen: [] },
  { name: 'a comment after an id dispatches nothing', stream: 'id:7\n:\n\ndata:a\n\n:\n\n', seen: [['7'], message('a', '7')] },
  { name: 'data before the end of the stream without a blank line is dropped', stream: 'data:1\n\ndata:2\n', seen: [message('1')] },
  {
    name: 'a blank line of every kind ends a block',
    stream: 'data:a\n\ndata:b\r\rdata:c\r\n\r\ndata:d\n\r\ndata:e\r\n\n',
    seen: ['a', 'b', 'c', 'd', 'e'].map((data) => message(data)),
  },
  {
    name: 'CR, then LF, then CRLF between the fields of a block',
    stream: 'data:a\rdata:b\ndata:c\r\ndata:d\n\n',
    seen: [message('a\nb\nc\nd')],
  },
  { name: 'field names are taken letter by letter', stream: 'data:1\n dats:2\nDATA:3\ndata :4\ndata:5\n\n', seen: [message('1\n5')] },
  { name: 'a field name alone is a field with nothing in it', stream: 'data\ndata:x\ndata\n\n', seen: [message('\nx\n')] },
  {
    name: 'one space after the colon is no part of the value, a second one and a tab are',
    stream: 'data: a\ndata:  b\ndata:\tc\ndata:d \n\n',
    seen: [message('a\n b\n\tc\nd ')],
  },
  { name: 'what looks like a field inside of a value is a part of it', stream: 'data:data:1\ndata::2\n\n', seen: [message('data:1\n:2')] },
  {
    name: 'an event name holds for its own block',
    stream: 'event:a\ndata:1\n\ndata:2\n\nevent:\ndata:3\n\n',
    seen: [message('1', '', 'a'), message('2'), message('3')],
  },
  { name: 'the last of several event names counts', stream: 'event:a\nevent:b\ndata:1\n\n', seen: [message('1', '', 'b')] },
  { name: 'an event name without data dispatches nothing and is forgotten', stream: 'event:a\n\ndata:1\n\n', seen: [message('1')] },
  { name: 'an id is kept for later blocks', stream: 'id:1\ndata:a\n\ndata:b\n\n', seen: [message('a', '1'), message('b', '1')] },
  {
    name: 'an empty id takes the id away',
    stream: 'id:1\ndata:a\n\nid\ndata:b\n\nid:2\n\nid:\n\n',
    seen: [message('a', '1'), message('b'), ['2'], ['']],
  },
  {
    name: 'an id with a NULL in it is ignored',
    stream: 'id:1\ndata:a\n\nid:\0\ndata:b\n\nid:3\0\ndata:c\n\n',
    seen: [message('a', '1'), message('b', '1'), message('c', '1')],
  },
  { name: 'a NULL in data is kept', stream: 'data:a\0b\n\n', seen: [message('a\0b')] },
  { name: 'an id of any characters is taken as it is', stream: 'id: …é\ndata:a\n\n', seen: [message('a', '…é')] },
  { name: 'an id without data moves the cursor only', stream: 'id:5\n\nid:6\n\ndata:a\n\n', seen: [['5'], ['6'], message('a', '6')] },
  { name: 'the id of a block that was cut off is not taken', stream: 'id:1\ndata:a\n\nid:2\ndata:b\n', seen: [message('a', '1')] },
  {
    name: 'retry of any kind is ignored',
    stream: 'retry:3000\ndata:a\n\nretry:1000x\n\nretry\ndata:b\n\n',
    seen: [message('a'), message('b')],
  },
  { name: 'unknown fields are ignored', stream: 'data:a\nfoo:b\nbar\ndata:c\n\n', seen: [message('a\nc')] },
  { name: 'many blank lines are nothing', stream: '\n\n\n\r\r\ndata:a\n\n\n\n', seen: [message('a')] },
  {
    name: 'LINE SEPARATOR, NEXT LINE, VERTICAL TAB and FORM FEED end no line',
    stream: 'data:a\u2028b\u0085c\u000bd\u000ce\n\n',
    seen: [message('a\u2028b\u0085c\u000bd\u000ce')],
  },
  { name: 'characters of two, three and four bytes are whole', stream: 'data:é€😀\n\n', seen: [message('é€😀')] },
  {
    name: 'bytes that are no UTF-8 become U+FFFD',
    stream: [...new TextEncoder().encode('data:'), 0xff, 0xc3, 0x0a, 0x0a],
    seen: [message('\ufffd\ufffd')],
  },
  {
    name: 'empty data dispatches nothing (the specification would dispatch it once)',
    stream: 'data:\n\ndata\n\ndata:a\n\n',
    seen: [message('a')],
  },
]

const bytesOf = (stream: Row['stream']): Uint8Array =>
  typeof stream === 'string' ? new TextEncoder().encode(stream) : Uint8Array.from(stream)

function seenIn(chunks: readonly Uint8Array[]): readonly Seen[] {
  const decoder = createSseDecoder()
  return chunks.flatMap((chunk) => decoder.push(chunk)).map(shortly)
}

function shortly(block: SseMessage | SseId): Seen {
  return block.kind === 'id' ? [block.lastEventId] : [block.event, block.data, block.lastEventId]
}

test.each(rows)('$name', ({ stream, seen }) => {
  expect(seenIn([bytesOf(stream)])).toEqual(seen)
})

test.each(rows)('cut at every byte, and into single bytes: $name', ({ stream, seen }) => {
  const bytes = bytesOf(stream)
  for (let cut = 0; cut <= bytes.length; cut += 1) expect([cut, seenIn([bytes.subarray(0, cut), bytes.subarray(cut)])]).toEqual([cut, seen])
  expect(seenIn([...bytes].map((byte) => Uint8Array.of(byte)))).toEqual(seen)
})
