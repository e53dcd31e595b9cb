// The index beside a segment: a header, then one entry for each batch that was written. Little-endian; header and entries
// carry checksums of themselves. It only ever says what is in the segment, so a lost index is made again from the lines.
import { checksumOf } from './checksum.ts'

/** One batch of consecutive lines, as they were written. */
export interface SegmentBatch {
  readonly firstSeq: number
  readonly lastSeq: number
  readonly firstTsUs: number
  readonly lastTsUs: number
  /** Position of its first byte in the segment. */
  readonly offset: number
  readonly length: number
  /** CRC-32 of its bytes. */
  readonly checksum: number
}

export interface IndexHeader {
  /** First number that the run which wrote the segment could give: what is missing below it went with the run before. */
  readonly runStartSeq: number
}

const magic = 0x58495354 // "TSIX"
const formatVersion = 1
export const headerBytes = 24
export const entryBytes = 56

// Numbers below 2^53 as 64 bits, without the cost of BigInt.
function writeNumber(target: DataView, offset: number, value: number): void {
  target.setUint32(offset, value % 2 ** 32, true)
  target.setUint32(offset + 4, Math.floor(value / 2 ** 32), true)
}

function readNumber(source: DataView, offset: number): number {
  return source.getUint32(offset, true) + source.getUint32(offset + 4, true) * 2 ** 32
}

// The last four bytes of a block are the checksum of those before.
function seal(bytes: Uint8Array): Uint8Array {
  const end = bytes.length - 4
  new DataView(bytes.buffer).setUint32(end, checksumOf([bytes.subarray(0, end)]), true)
  return bytes
}

function isSealed(bytes: Uint8Array): boolean {
  const end = bytes.length - 4
  return new DataView(bytes.buffer, bytes.byteOffset).getUint32(end, true) === checksumOf([bytes.subarray(0, end)])
}

export function encodeHeader(header: IndexHeader): Uint8Array {
  const bytes = new Uint8Array(headerBytes)
  const view = new DataView(bytes.buffer)
  view.setUint32(0, magic, true)
  view.setUint32(4, formatVersion, true)
  writeNumber(view, 8, header.runStartSeq)
  return seal(bytes)
}

export function encodeEntry(batch: SegmentBatch): Uint8Array {
  const bytes = new Uint8Array(entryBytes)
  const view = new DataView(bytes.buffer)
  writeNumber(view, 0, batch.firstSeq)
  writeNumber(view, 8, batch.lastSeq)
  writeNumber(view, 16, batch.firstTsUs)
  writeNumber(view, 24, batch.lastTsUs)
  writeNumber(view, 32, batch.offset)
  view.setUint32(40, batch.length, true)
  view.setUint32(44, batch.checksum, true)
  return seal(bytes)
}

/** A whole index. */
export function encodeIndex(header: IndexHeader, batches: readonly SegmentBatch[]): Buffer {
  return Buffer.concat([encodeHeader(header), ...batches.map(encodeEntry)])
}

function decodeEntry(bytes: Uint8Array): SegmentBatch | undefined {
  if (!isSealed(bytes)) return undefined
  const view = new DataView(bytes.buffer, bytes.byteOffset)
  return {
    firstSeq: readNumber(view, 0),
    lastSeq: readNumber(view, 8),
    firstTsUs: readNumber(view, 16),
    lastTsUs: readNumber(view, 24),
    offset: readNumber(view, 32),
    length: view.getUint32(40, true),
    checksum: view.getUint32(44, true),
  }
}

function follows(before: SegmentBatch | undefined, batch: SegmentBatch): boolean {
  if (batch.lastSeq < batch.firstSeq) return false
  return before === undefined || (batch.firstSeq > before.lastSeq && batch.offset >= before.offset + before.length)
}

/** What an index says, up to its first entry that is damaged or out of order; undefined when its header is not one. */
export function decodeIndex(bytes: Uint8Array): { readonly header: IndexHeader; readonly batches: SegmentBatch[] } | undefined {
  const headerPart = bytes.subarray(0, headerBytes)
  if (headerPart.length < headerBytes || !isSealed(headerPart)) return undefined
  const view = new DataView(headerPart.buffer, headerPart.byteOffset)
  if (view.getUint32(0, true) !== magic || view.getUint32(4, true) !== formatVersion) return undefined
  const batches: SegmentBatch[] = []
  for (let at = headerBytes; at + entryBytes <= bytes.length; at += entryBytes) {
    const batch = decodeEntry(bytes.subarray(at, at + entryBytes))
    if (batch === undefined || !follows(batches.at(-1), batch)) break
    batches.push(batch)
  }
  return { header: { runStartSeq: readNumber(view, 8) }, batches }
}
