// The bytes of a stream: event frames, id-only frames, gap notices and the keepalive comment. It decides nothing about when.
// Follows the WHATWG event stream format and what was measured of the published clients (sdk-contract e): `id`, then `data` on one
// line, a blank line, plain line feeds; never a lone `event:` or `retry:`, never empty data, never a byte order mark, never `id: 0`.
import type { EventRecord, Gap } from '@tabscope/schema'

/** The comment that keeps an idle stream alive. It has no id, so it never moves a cursor. */
export const keepaliveFrame = Buffer.from(':\n\n')

const afterId = '\ndata: '

/** The frames of these records in one buffer. */
export function eventFrames(records: readonly EventRecord[]): Buffer {
  let size = 0
  for (const record of records) size += frameOverhead(record.seq) + record.bytes.length
  const frames = Buffer.allocUnsafe(size)
  let at = 0
  for (const record of records) {
    at += frames.write(`id: ${record.seq}${afterId}`, at, 'latin1')
    frames.set(record.bytes, at)
    at += record.bytes.length
    frames[at++] = 10
    frames[at++] = 10
  }
  return frames
}

function frameOverhead(seq: number): number {
  return 'id: '.length + decimalLength(seq) + afterId.length + '\n\n'.length
}

function decimalLength(value: number): number {
  let digits = 1
  for (let rest = value; rest >= 10; rest /= 10) digits++
  return digits
}

/** A frame that moves the client's `Last-Event-ID` past events that it does not get, and shows it nothing. */
export function idFrame(seq: number): Buffer {
  return Buffer.from(`id: ${seq}\n\n`)
}

/** How a reader wants to be told of a gap: as a comment, which every client ignores, or as an event of its own. */
export type GapStyle = 'comment' | 'event'

/** The notice of a gap. It has no id: the next event moves the cursor. */
export function gapFrame(gap: Gap, style: GapStyle): Buffer {
  const { from, to, reason } = gap
  if (style === 'event') return Buffer.from(`event: gap\ndata: ${JSON.stringify({ from, to, reason })}\n\n`)
  const range = to === undefined ? `from=${from}` : `from=${from} to=${to}`
  return Buffer.from(`: gap ${range} reason=${reason}\n\n`)
}
