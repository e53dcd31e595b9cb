// Text into UTF-8 bytes, many records to one block of memory. Each record is followed by a line feed that is not part of it,
// so that records made one after the other are already the lines of a batch and are written without being copied.
// Never reuses a block: it lives as long as any record in it.

const lineFeed = 0x0a

/** Where records get their bytes. */
export interface SlabWriter {
  /** The UTF-8 bytes of `text`. A lone surrogate becomes U+FFFD, but JSON.stringify leaves none. */
  write(text: string): Uint8Array
}

interface State {
  readonly slabBytes: number
  slab: Buffer
  used: number
}

function fill(target: Buffer, offset: number, text: string): number {
  const written = target.write(text, offset, 'utf8')
  target[offset + written] = lineFeed
  return written
}

function writeLarge(text: string): Uint8Array {
  const own = Buffer.allocUnsafeSlow(Buffer.byteLength(text) + 1)
  return own.subarray(0, fill(own, 0, text))
}

function write(state: State, text: string): Uint8Array {
  // A UTF-16 unit takes at most three bytes; measuring exactly would cost a second pass over the text.
  const mostBytes = text.length * 3 + 1
  if (mostBytes > state.slabBytes) return writeLarge(text)
  if (mostBytes > state.slab.length - state.used) {
    state.slab = Buffer.allocUnsafeSlow(state.slabBytes)
    state.used = 0
  }
  const start = state.used
  const written = fill(state.slab, start, text)
  state.used = start + written + 1
  return state.slab.subarray(start, start + written)
}

/** A writer into blocks of `slabBytes`. Text that might not fit a block gets its own. */
export function createSlabWriter(slabBytes: number): SlabWriter {
  const state: State = { slabBytes, slab: Buffer.alloc(0), used: 0 }
  return { write: (text) => write(state, text) }
}

/** The stretches of memory that hold these records as lines, neighbours joined. Only for records of a `SlabWriter`. */
export function linesOf(records: Iterable<{ readonly bytes: Uint8Array }>): Uint8Array[] {
  const lines: Uint8Array[] = []
  let buffer: ArrayBufferLike | undefined
  let start = 0
  let end = 0
  for (const { bytes } of records) {
    if (bytes.buffer !== buffer || bytes.byteOffset !== end) {
      if (buffer !== undefined) lines.push(new Uint8Array(buffer, start, end - start))
      buffer = bytes.buffer
      start = bytes.byteOffset
    }
    end = bytes.byteOffset + bytes.length + 1
  }
  if (buffer !== undefined) lines.push(new Uint8Array(buffer, start, end - start))
  return lines
}
