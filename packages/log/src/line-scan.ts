// Reads the lines of a segment without trusting anything: every line is parsed, and only whole envelopes with rising numbers
// count. For what no checksum vouches for: a lost index, the tail behind the last entry, a batch that does not add up.
import { type EventRecord, limits } from '@tabscope/schema'
import { type OpenFile, readBytes } from './files.ts'
import { parseWholeLine } from './line.ts'

const lineFeed = 0x0a
const chunkBytes = 1_048_576

/** A line, whether it can be used, and where it stands. */
export interface ScannedLine {
  readonly offset: number
  /** Its bytes and the line feed. */
  readonly length: number
  /** Undefined when it is not a whole envelope with a higher number than the one before. */
  readonly record: EventRecord | undefined
}

/** Splits `bytes` into lines; what comes after the last line feed is left out. */
export function* linesIn(bytes: Buffer): Generator<Buffer> {
  for (let start = 0; start < bytes.length; ) {
    const end = bytes.indexOf(lineFeed, start)
    if (end === -1) return
    yield bytes.subarray(start, end)
    start = end + 1
  }
}

/** The lines of `file` between two positions. Ends early where a line is longer than any record: that is no text of ours. */
export async function* scanLines(file: OpenFile, range: { from: number; to: number; afterSeq: number }): AsyncGenerator<ScannedLine> {
  let lastSeq = range.afterSeq
  let rest: Buffer = Buffer.alloc(0)
  let offset = range.from
  for (let at = range.from; at < range.to; ) {
    const chunk = await readBytes(file, at, Math.min(chunkBytes, range.to - at))
    if (chunk.length === 0) return
    at += chunk.length
    rest = Buffer.concat([rest, chunk])
    let used = 0
    for (const line of linesIn(rest)) {
      const parsed = parseWholeLine(line)
      const record = parsed !== undefined && parsed.seq > lastSeq ? parsed : undefined
      lastSeq = record?.seq ?? lastSeq
      yield { offset, length: line.length + 1, record }
      offset += line.length + 1
      used += line.length + 1
    }
    rest = rest.subarray(used)
    if (rest.length > limits.recordBytes * 2) return
  }
}
