import { limits } from '@tabscope/schema'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { closingFrame, createFrameReader, unmasked } from './frames.ts'

/** One frame, RFC 6455, section 5.2. */
function frame(payload: string | Buffer, { opcode = 1, fin = true, mask = true } = {}): Buffer {
  const data = Buffer.from(payload)
  const length = data.length < 126 ? data.length : data.length < 65_536 ? 126 : 127
  const extended = Buffer.alloc(length < 126 ? 0 : length === 126 ? 2 : 8)
  if (length === 126) extended.writeUInt16BE(data.length)
  if (length === 127) extended.writeBigUInt64BE(BigInt(data.length))
  const key = Buffer.from(mask ? [7, 77, 177, 211] : [])
  if (mask) for (const [position, byte] of data.entries()) data[position] = byte ^ (key[position % 4] ?? 0)
  return Buffer.concat([Buffer.from([(fin ? 0x80 : 0) | opcode, (mask ? 0x80 : 0) | length]), extended, key, data])
}

interface Seen {
  readonly texts: string[]
  readonly messages: number
  readonly isClosing: boolean
  readonly isBetweenFrames: boolean
}

function read(chunks: readonly Buffer[]): Seen {
  const texts: string[] = []
  const reader = createFrameReader({ collects: () => true, onText: (message) => texts.push(unmasked(message).toString()) })
  for (const chunk of chunks) reader.take(chunk)
  const { messages, isClosing, isBetweenFrames } = reader
  return { texts, messages, isClosing, isBetweenFrames }
}

const conversation = Buffer.concat([
  frame('{"id":1}'),
  frame('a ping', { opcode: 9 }),
  frame('x'.repeat(200), { mask: false }),
  frame('first ', { fin: false }),
  frame('', { opcode: 10 }),
  frame('second ', { opcode: 0, fin: false }),
  frame('last é😀', { opcode: 0 }),
  frame('y'.repeat(70_000)),
  frame('binary', { opcode: 2 }),
  frame(''),
  frame(Buffer.from([3, 232]), { opcode: 8 }),
])
const whole: Seen = {
  texts: ['{"id":1}', 'x'.repeat(200), 'first second last é😀', 'y'.repeat(70_000), ''],
  messages: 6,
  isClosing: true,
  isBetweenFrames: true,
}

test('messages are the same however the bytes are cut', () => {
  expect(read([conversation])).toEqual(whole)
  expect(read(Array.from(conversation, (byte) => Buffer.from([byte])))).toEqual(whole)
  fc.assert(
    fc.property(fc.array(fc.nat({ max: conversation.length }), { maxLength: 20 }), (cuts) => {
      const edges = [0, ...cuts.sort((one, other) => one - other), conversation.length]
      expect(read(edges.slice(1).map((edge, position) => conversation.subarray(edges[position], edge)))).toEqual(whole)
    }),
    { numRuns: 50 },
  )
})

test('within a frame it says so', () => {
  const bytes = frame('hello')
  expect([bytes.length - 1, 1, 0].map((count) => read([bytes.subarray(0, count)]).isBetweenFrames)).toEqual([false, false, true])
})

test('of a text over the bound only the beginning is kept, and it says so', () => {
  const seen: [number, boolean][] = []
  const reader = createFrameReader({ collects: () => true, onText: (message) => seen.push([unmasked(message).length, message.isWhole]) })
  const block = Buffer.alloc(limits.cdpCommandBytes / 2, 'z')
  for (const [opcode, fin] of [
    [1, false],
    [0, false],
    [0, true],
  ] as const)
    reader.take(frame(block, { opcode, fin }))
  reader.take(frame('short'))
  expect([seen, reader.messages]).toEqual([
    [
      [limits.cdpCommandBytes, false],
      [5, true],
    ],
    2,
  ])
})

test('nothing is collected for who does not ask', () => {
  const reader = createFrameReader({ collects: () => false, onText: () => expect.unreachable() })
  reader.take(conversation)
  expect(reader.messages).toBe(6)
})

test('a message that says it is larger than may be relayed is noticed at its header, also in pieces', () => {
  const header = Buffer.from([0x82, 127, 0, 0, 0, 0, 0x10, 0, 0, 1])
  const pieces = Buffer.from([0x02, 127, 0, 0, 0, 0, 0x10, 0, 0, 0])
  const reader = createFrameReader({ collects: () => false, onText: () => undefined })
  reader.take(header)
  const exact = createFrameReader({ collects: () => false, onText: () => undefined })
  exact.take(pieces)
  expect([reader.isTooLarge, exact.isTooLarge]).toEqual([true, false])
})

test('a closing frame of ours is one', () => {
  expect(read([closingFrame(1012, 'bye')])).toEqual({ texts: [], messages: 0, isClosing: true, isBetweenFrames: true })
})
