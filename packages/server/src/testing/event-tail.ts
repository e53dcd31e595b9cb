// The event stream of a server, read as it comes and parsed frame by frame: for end-to-end tests that wait for events of a real browser.
// It keeps every envelope unless told which to keep, so that a soak over millions of events does not fill the memory of its own process.
import { type AnyEnvelope, deadline, systemClock } from '@tabscope/schema'
import type { Collector } from './collector.ts'

export interface EventTail extends AsyncDisposable {
  /** The envelopes kept so far, in the order of their numbers. */
  readonly kept: readonly AnyEnvelope[]
  /** How many came, by type. */
  readonly counts: ReadonlyMap<string, number>
  /** Everything that came as text, when asked for with `text: true`. */
  readonly text: () => string
  /** Resolves when `isSo` holds, looked at after each chunk; rejects after `withinMs`. */
  until(what: string, isSo: () => boolean, withinMs?: number): Promise<void>
  /** The first kept envelope, now or later, of this type for which `matches`. */
  event(type: string, matches?: (data: EventData) => boolean, withinMs?: number): Promise<AnyEnvelope>
  /** `data` of the kept envelopes of this type. */
  of(type: string): readonly EventData[]
}

export type EventData = Readonly<Record<string, unknown>>

export interface TailOptions {
  readonly keep?: (envelope: AnyEnvelope) => boolean
  readonly text?: boolean
}

const patienceMs = 45_000

/** Opens the stream from its oldest event on. */
export async function openEventTail(collector: Pick<Collector, 'url'>, options: TailOptions = {}): Promise<EventTail> {
  const stop = new AbortController()
  const response = await fetch(`${collector.url}/telemetry/stream?replay=all`, { signal: stop.signal })
  if (response.body === null) throw new Error('a stream without a body')
  const tail = createTail(options)
  const reading = readAll(response.body, tail).catch((error: unknown) => tail.broke(error))
  return {
    ...tail.view,
    [Symbol.asyncDispose]: async () => {
      stop.abort()
      await reading
    },
  }
}

/** `data` of an envelope as a plain object. */
export function dataOfEnvelope(envelope: AnyEnvelope): EventData {
  const { data } = envelope.event
  return typeof data === 'object' && data !== null ? (data as EventData) : {}
}

interface Tail {
  readonly view: Omit<EventTail, typeof Symbol.asyncDispose>
  take(chunk: string): void
  broke(error: unknown): void
}

async function readAll(body: ReadableStream<Uint8Array>, tail: Tail): Promise<void> {
  const decoder = new TextDecoder('utf-8', { fatal: true })
  for await (const chunk of body) tail.take(decoder.decode(chunk, { stream: true }))
}

function createTail({ keep = () => true, text = false }: TailOptions): Tail {
  const kept: AnyEnvelope[] = []
  const counts = new Map<string, number>()
  const texts: string[] = []
  const waiting = new Set<() => void>()
  let rest: string[] = []
  let broken: unknown
  const look = (): void => {
    for (const check of [...waiting]) check()
  }
  const take = (chunk: string): void => {
    if (text) texts.push(chunk)
    const end = chunk.lastIndexOf('\n\n')
    if (end === -1) {
      rest.push(chunk)
      return
    }
    const blocks = (rest.join('') + chunk.slice(0, end)).split('\n\n')
    rest = [chunk.slice(end + 2)]
    for (const envelope of blocks.flatMap(envelopesOf)) {
      counts.set(envelope.event.type, (counts.get(envelope.event.type) ?? 0) + 1)
      if (keep(envelope)) kept.push(envelope)
    }
    look()
  }
  const until = (what: string, isSo: () => boolean, withinMs = patienceMs): Promise<void> =>
    new Promise((resolve, reject) => {
      const limit = deadline(systemClock, withinMs)
      const check = (): void => {
        if (!isSo() && broken === undefined) return
        waiting.delete(check)
        limit.cancel()
        if (isSo()) resolve()
        else reject(new Error(`the stream broke before ${what}: ${String(broken)}`))
      }
      limit.signal.addEventListener('abort', () => {
        waiting.delete(check)
        reject(new Error(`no ${what} within ${withinMs} ms; came: ${JSON.stringify([...counts])}\n${kept.slice(-30).map(line).join('\n')}`))
      })
      waiting.add(check)
      check()
    })
  const event = async (type: string, matches: (data: EventData) => boolean = () => true, withinMs = patienceMs): Promise<AnyEnvelope> => {
    const find = (): AnyEnvelope | undefined => kept.find((each) => each.event.type === type && matches(dataOfEnvelope(each)))
    await until(`${type} like ${matches.toString()}`, () => find() !== undefined, withinMs)
    const found = find()
    if (found === undefined) throw new Error('found and gone')
    return found
  }
  const of = (type: string): readonly EventData[] => kept.filter((each) => each.event.type === type).map(dataOfEnvelope)
  return {
    view: { kept, counts, text: () => texts.join(''), until, event, of },
    take,
    broke: (error) => {
      broken = error
      look()
    },
  }
}

function envelopesOf(block: string): AnyEnvelope[] {
  const data = block.split('\n').find((each) => each.startsWith('data: '))
  return data === undefined ? [] : [JSON.parse(data.slice('data: '.length)) as AnyEnvelope]
}

function line({ seq, event }: AnyEnvelope): string {
  const { url = '', text = '' } = (event.data ?? {}) as EventData
  return `  ${seq} ${event.type} ${String(url).slice(0, 100)} ${String(text).slice(0, 200)}`
}
