// An event stream read as bytes, for tests that look at what is on the wire: no decoder of ours is in between.
import { type ClientRequest, type IncomingHttpHeaders, type IncomingMessage, request } from 'node:http'

export interface RawStream extends AsyncDisposable {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  /** Everything received so far. */
  readonly text: () => string
  /** The blocks received so far: what lies between blank lines, without them. */
  readonly blocks: () => readonly string[]
  /** Resolves with the blocks as soon as there are `count`. */
  untilBlocks(count: number): Promise<readonly string[]>
  /** Resolves with everything received as soon as it matches. For short streams: the whole text is looked at with every chunk. */
  until(matches: (text: string) => boolean): Promise<string>
  /** Resolves when the text has come, looking at the newest of it only. */
  untilText(text: string): Promise<void>
  /** Resolves when that many characters have come in all. */
  untilLength(length: number): Promise<void>
  /** Characters received so far. */
  readonly length: () => number
  /** Resolves when the server ended the body; rejects when the connection broke instead. */
  readonly ended: Promise<void>
  /** Stops reading from the socket, as a client does that hangs. */
  pause(): void
  resume(): void
  readonly closed: Promise<void>
}

export interface RawStreamOptions {
  readonly headers?: Readonly<Record<string, string>>
  readonly method?: string
}

/** The last chunk with so much before it that a text of that length cannot lie across the cut. */
function newest(chunks: readonly string[], wantedLength: number): string {
  let text = chunks.at(-1) ?? ''
  for (let index = chunks.length - 2, before = 0; index >= 0 && before < wantedLength; index--) {
    const chunk = chunks[index] ?? ''
    before += chunk.length
    text = chunk + text
  }
  return text
}

/** The ids of these blocks, in order; blocks without one are left out. */
export function idsOf(blocks: readonly string[]): readonly number[] {
  return blocks.flatMap((block) => block.split('\n').flatMap((line) => (line.startsWith('id: ') ? [Number(line.slice(4))] : [])))
}

/** Opens a stream; resolves when the headers are there. */
export function openRawStream(url: string, options: RawStreamOptions = {}): Promise<RawStream> {
  return new Promise((resolve, reject) => {
    const outgoing = request(url, { headers: options.headers ?? {}, method: options.method ?? 'GET', agent: false })
    outgoing.on('error', reject)
    outgoing.on('response', (incoming) => resolve(rawStream(outgoing, incoming)))
    outgoing.end()
  })
}

function rawStream(outgoing: ClientRequest, incoming: IncomingMessage): RawStream {
  const chunks: string[] = []
  const waiters = new Set<() => void>()
  let length = 0
  const text = (): string => chunks.join('')
  const blocks = (): readonly string[] => text().split('\n\n').slice(0, -1)
  incoming.setEncoding('utf8')
  incoming.on('data', (chunk: string) => {
    chunks.push(chunk)
    length += chunk.length
    for (const look of [...waiters]) look()
  })
  const ended = new Promise<void>((resolve, reject) => {
    incoming.on('end', resolve)
    incoming.on('error', reject)
  })
  // A test that does not ask how the stream ended must not fail by an unhandled rejection.
  ended.catch(() => undefined)
  const closed = new Promise<void>((resolve) => incoming.on('close', () => resolve()))
  const untilTrue = (isTrue: () => boolean): Promise<void> =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        if (!isTrue()) return
        waiters.delete(look)
        resolve()
      }
      waiters.add(look)
      void closed.then(() =>
        reject(new Error(`the stream closed before what was waited for; received ${text().length} characters, last ${text().slice(-200)}`)),
      )
      look()
    })
  return {
    status: incoming.statusCode ?? 0,
    headers: incoming.headers,
    text,
    blocks,
    length: () => length,
    until: async (matches) => {
      await untilTrue(() => matches(text()))
      return text()
    },
    untilText: (wanted) => untilTrue(() => newest(chunks, wanted.length).includes(wanted)),
    untilLength: (least) => untilTrue(() => length >= least),
    untilBlocks: async (count) => {
      await untilTrue(() => blocks().length >= count)
      return blocks()
    },
    ended,
    closed,
    pause: () => incoming.pause(),
    resume: () => incoming.resume(),
    [Symbol.asyncDispose]: async () => {
      outgoing.destroy()
      await closed
    },
  }
}
