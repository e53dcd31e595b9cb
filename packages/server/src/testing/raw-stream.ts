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
  /** Resolves with everything received as soon as it matches. */
  until(matches: (text: string) => boolean): Promise<string>
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
  const text = (): string => chunks.join('')
  const blocks = (): readonly string[] => text().split('\n\n').slice(0, -1)
  incoming.setEncoding('utf8')
  incoming.on('data', (chunk: string) => {
    chunks.push(chunk)
    for (const look of [...waiters]) look()
  })
  const ended = new Promise<void>((resolve, reject) => {
    incoming.on('end', resolve)
    incoming.on('error', reject)
  })
  // A test that does not ask how the stream ended must not fail by an unhandled rejection.
  ended.catch(() => undefined)
  const closed = new Promise<void>((resolve) => incoming.on('close', () => resolve()))
  const until = (matches: (text: string) => boolean): Promise<string> =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        if (!matches(text())) return
        waiters.delete(look)
        resolve(text())
      }
      waiters.add(look)
      void closed.then(() => reject(new Error(`the stream closed before what was waited for; received: ${text()}`)))
      look()
    })
  return {
    status: incoming.statusCode ?? 0,
    headers: incoming.headers,
    text,
    blocks,
    until,
    untilBlocks: async (count) => {
      await until(() => blocks().length >= count)
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
