// Decodes server-sent events from bytes as they come: WHATWG HTML, section 9.2.6, with one intended difference: a block whose data
// is empty dispatches nothing even when it has a `data` line. Knows nothing of events, cursors or connections.
import { limits } from '@tabscope/schema/limits'
import { StreamError } from './errors.ts'

/** One dispatched block. `event` is `message` when the stream named none. */
export interface SseMessage {
  readonly kind: 'message'
  readonly event: string
  readonly data: string
  /** The last id that the stream has given, in this block or before; empty when none. */
  readonly lastEventId: string
}

/** A block with an id and without data: nothing to dispatch, but the cursor moves. */
export interface SseId {
  readonly kind: 'id'
  readonly lastEventId: string
}

export interface SseDecoder {
  /** Takes the next bytes, cut anywhere. Throws `block_too_large` when a block grows beyond the bound. */
  push(bytes: Uint8Array): (SseMessage | SseId)[]
}

interface State {
  /** Not one character has come. */
  atStart: boolean
  /** An unfinished line. */
  rest: string
  /** The last chunk ended in CR: a LF at the start of the next one belongs to it. */
  sawCr: boolean
  data: string[]
  dataLength: number
  event: string
  /** The id that the current block will make the last one; only a finished block does. */
  id: string
  lastEventId: string
}

/** A decoder for one connection. What it holds is bounded by `clientBlockBytes` characters. */
export function createSseDecoder(options: { mostCharacters?: number } = {}): SseDecoder {
  const mostCharacters = options.mostCharacters ?? limits.clientBlockBytes
  // Not `fatal`: a broken sequence becomes U+FFFD, as the specification says. The BOM is taken away here: the decoder of Node 24 (measured:
  // 24.21.0) takes a second one along when the first came in pieces, and with it the first field.
  const text = new TextDecoder('utf-8', { ignoreBOM: true })
  const state: State = { atStart: true, rest: '', sawCr: false, data: [], dataLength: 0, event: '', id: '', lastEventId: '' }
  return {
    push: (bytes) => {
      const found: (SseMessage | SseId)[] = []
      for (const line of takeLines(state, withoutMark(state, text.decode(bytes, { stream: true })))) {
        const block = takeLine(state, line)
        if (block !== undefined) found.push(block)
        if (state.dataLength > mostCharacters) throw tooLarge(mostCharacters)
      }
      if (state.rest.length + state.dataLength > mostCharacters) throw tooLarge(mostCharacters)
      return found
    },
  }
}

function tooLarge(mostCharacters: number): StreamError {
  return new StreamError(
    'block_too_large',
    `The stream sent a block of more than ${mostCharacters} characters; no event is that large. Is the address right?`,
  )
}

function withoutMark(state: State, chunk: string): string {
  if (!state.atStart || chunk === '') return chunk
  state.atStart = false
  return chunk.startsWith('\ufeff') ? chunk.slice(1) : chunk
}

/** The finished lines, without their ends (LF, CR or CRLF); what is unfinished waits in the state. */
function takeLines(state: State, chunk: string): string[] {
  if (chunk === '') return []
  const fresh = state.sawCr && chunk.startsWith('\n') ? chunk.slice(1) : chunk
  state.sawCr = chunk.endsWith('\r')
  // The rest has no line end in it, so only the fresh part is searched: a long line in many chunks stays linear.
  const lines = fresh.split(/\r\n|\n|\r/)
  lines[0] = state.rest + (lines[0] ?? '')
  state.rest = lines.pop() ?? ''
  return lines
}

function takeLine(state: State, line: string): SseMessage | SseId | undefined {
  if (line === '') return endBlock(state)
  const colon = line.indexOf(':')
  if (colon === 0) return undefined
  const field = colon < 0 ? line : line.slice(0, colon)
  const value = colon < 0 ? '' : line.slice(line[colon + 1] === ' ' ? colon + 2 : colon + 1)
  if (field === 'data') {
    state.data.push(value)
    state.dataLength += value.length + 1
  } else if (field === 'event') state.event = value
  // An id with a NULL character is ignored by the specification. `retry` is: waiting is the business of resume.ts.
  else if (field === 'id' && !value.includes('\0')) state.id = value
  return undefined
}

function endBlock(state: State): SseMessage | SseId | undefined {
  const data = state.data.join('\n')
  const event = state.event === '' ? 'message' : state.event
  const idMoved = state.id !== state.lastEventId
  state.lastEventId = state.id
  state.data = []
  state.dataLength = 0
  state.event = ''
  if (data !== '') return { kind: 'message', event, data, lastEventId: state.lastEventId }
  return idMoved ? { kind: 'id', lastEventId: state.lastEventId } : undefined
}
