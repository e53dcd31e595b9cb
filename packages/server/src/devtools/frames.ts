// Reads WebSocket frames (RFC 6455, section 5) beside a relay: counts messages, notices the closing handshake and where one frame ends, and
// collects the text of messages when asked to. It never changes, holds or answers a byte; nonsense makes it stop looking, not fail.
import { limits } from '@tabscope/schema'

export interface FrameReaderOptions {
  /** Asked at the beginning of each text message: whether its payload is to be collected. */
  readonly collects: () => boolean
  /** One collected text message; `isWhole` is false when it was longer than the bound and only its beginning is here. */
  readonly onText: (message: MaskedText) => void
}

export interface FrameReader {
  /** Looks at the next bytes of the connection. */
  take(chunk: Buffer): void
  /** Whole messages so far. */
  readonly messages: number
  /** Whether a closing frame was seen. */
  readonly isClosing: boolean
  /** Whether the last byte seen ended a frame: only there may another frame be put in. */
  readonly isBetweenFrames: boolean
  /** Whether a message was longer than may be relayed. */
  readonly isTooLarge: boolean
}

/** A text message as it came, with its mask still on. */
export interface MaskedText {
  readonly parts: readonly MaskedPart[]
  readonly isWhole: boolean
}

interface MaskedPart {
  readonly bytes: Buffer
  readonly mask: Buffer | undefined
  /** Position of the first byte within its frame, which decides the byte of the mask. */
  readonly at: number
}

const text = 1
const close = 8
const longestHeaderBytes = 14

interface State {
  readonly options: FrameReaderOptions
  readonly header: Buffer
  headerBytes: number
  /** Of the frame that is being read; undefined between frames. */
  frame: { opcode: number; isLast: boolean; mask: Buffer | undefined; bytes: number; at: number } | undefined
  messageBytes: number
  parts: MaskedPart[] | undefined
  partBytes: number
  isWhole: boolean
  messages: number
  isClosing: boolean
  isTooLarge: boolean
}

export function createFrameReader(options: FrameReaderOptions): FrameReader {
  const state: State = {
    options,
    header: Buffer.alloc(longestHeaderBytes),
    headerBytes: 0,
    frame: undefined,
    messageBytes: 0,
    parts: undefined,
    partBytes: 0,
    isWhole: true,
    messages: 0,
    isClosing: false,
    isTooLarge: false,
  }
  return {
    take: (chunk) => take(state, chunk),
    get messages() {
      return state.messages
    },
    get isClosing() {
      return state.isClosing
    },
    get isBetweenFrames() {
      return state.frame === undefined && state.headerBytes === 0
    },
    get isTooLarge() {
      return state.isTooLarge
    },
  }
}

function take(state: State, chunk: Buffer): void {
  let at = 0
  while (at < chunk.length) {
    at += state.frame === undefined ? takeHeader(state, chunk, at) : takePayload(state, chunk, at)
  }
}

/** Takes bytes of the header; answers how many. */
function takeHeader(state: State, chunk: Buffer, from: number): number {
  const { header } = state
  let at = from
  while (at < chunk.length) {
    header[state.headerBytes++] = chunk[at++] ?? 0
    if (state.headerBytes >= 2 && state.headerBytes === headerLength(header)) {
      beginFrame(state)
      break
    }
  }
  return at - from
}

function headerLength(header: Buffer): number {
  const second = header[1] ?? 0
  const length = second & 0x7f
  return 2 + (length === 126 ? 2 : length === 127 ? 8 : 0) + (second & 0x80 ? 4 : 0)
}

function beginFrame(state: State): void {
  const { header, headerBytes } = state
  const first = header[0] ?? 0
  const second = header[1] ?? 0
  const length = second & 0x7f
  const bytes = length < 126 ? length : length === 126 ? header.readUInt16BE(2) : Number(header.readBigUInt64BE(2))
  const mask = second & 0x80 ? Buffer.from(header.subarray(headerBytes - 4, headerBytes)) : undefined
  const opcode = first & 0x0f
  state.headerBytes = 0
  state.frame = { opcode, isLast: (first & 0x80) !== 0, mask, bytes, at: 0 }
  if (opcode === close) state.isClosing = true
  if (opcode < close) {
    state.messageBytes += bytes
    if (state.messageBytes > limits.cdpMessageBytes) state.isTooLarge = true
  }
  if (opcode === text && state.options.collects()) {
    state.parts = []
    state.partBytes = 0
    state.isWhole = true
  }
  if (bytes === 0) endFrame(state)
}

/** Takes bytes of the payload; answers how many. */
function takePayload(state: State, chunk: Buffer, from: number): number {
  const { frame } = state
  if (frame === undefined) return 0
  const count = Math.min(chunk.length - from, frame.bytes - frame.at)
  if (state.parts !== undefined && frame.opcode < close) collect(state, chunk.subarray(from, from + count), frame)
  frame.at += count
  if (frame.at === frame.bytes) endFrame(state)
  return count
}

function collect(state: State, bytes: Buffer, { mask, at }: { mask: Buffer | undefined; at: number }): void {
  const room = limits.cdpCommandBytes - state.partBytes
  if (bytes.length > room) state.isWhole = false
  if (room <= 0) return
  const kept = bytes.length > room ? bytes.subarray(0, room) : bytes
  state.parts?.push({ bytes: kept, mask, at })
  state.partBytes += kept.length
}

function endFrame(state: State): void {
  const { frame, parts } = state
  state.frame = undefined
  if (frame === undefined || frame.opcode >= close || !frame.isLast) return
  state.messages += 1
  state.messageBytes = 0
  state.parts = undefined
  if (parts !== undefined) state.options.onText({ parts, isWhole: state.isWhole })
}

/** The first `mostBytes` bytes of the message without their mask. */
export function unmasked({ parts }: MaskedText, mostBytes: number = Number.POSITIVE_INFINITY): Buffer {
  const total = parts.reduce((sum, part) => sum + part.bytes.length, 0)
  const bytes = Buffer.allocUnsafe(Math.min(total, mostBytes))
  let to = 0
  for (const part of parts) {
    if (to >= bytes.length) break
    const count = part.bytes.copy(bytes, to, 0, bytes.length - to)
    if (part.mask !== undefined) unmask(bytes.subarray(to, to + count), part.mask, part.at)
    to += count
  }
  return bytes
}

function unmask(bytes: Buffer, mask: Buffer, from: number): void {
  for (let at = 0; at < bytes.length; at++) bytes[at] = (bytes[at] ?? 0) ^ (mask[(from + at) & 3] ?? 0)
}

/** A closing frame of a server, with its code and reason. */
export function closingFrame(code: number, reason: string): Buffer {
  const payload = Buffer.concat([Buffer.from([code >> 8, code & 0xff]), Buffer.from(reason)])
  return Buffer.concat([Buffer.from([0x80 | close, payload.length]), payload])
}
