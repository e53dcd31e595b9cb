// Headers on the wire come on a pipe of their own: here in an order that a busy Chromium has now and then, made of a recording.
import type { RecordedLine } from '@tabscope/cdp'
import { expect, test } from 'vitest'
import { behaviours } from '../testing/behaviours.ts'
import type { AnyDraft } from '../testing/captured.ts'
import { replayBehaviour } from '../testing/recorded.ts'
import { dataOf } from '../testing/witness.ts'

interface Message {
  readonly id?: number
  readonly method?: string
  readonly params?: { readonly requestId?: string }
}

const messageOf = (line: RecordedLine | undefined): Message => (line !== undefined && 'message' in line ? (line.message as Message) : {})

/** The extra info of every request whose body is asked for, moved behind the end of the request, to just before the answer with the body. */
function withExtraInfoLast(lines: RecordedLine[]): RecordedLine[] {
  const isExtra = (line: RecordedLine): boolean => messageOf(line).method?.endsWith('ExtraInfo') === true
  const asked = new Map(
    lines.flatMap((line) => {
      const { id, method, params } = messageOf(line)
      return method === 'Network.getResponseBody' ? [[id, params?.requestId] as const] : []
    }),
  )
  const moved = new Set(asked.values())
  return lines.flatMap((line) => {
    const { id, method, params } = messageOf(line)
    if (isExtra(line) && moved.has(params?.requestId)) return []
    const requestId = line.direction === 'in' && method === undefined ? asked.get(id) : undefined
    if (requestId === undefined) return [line]
    const late = lines.filter((each) => isExtra(each) && messageOf(each).params?.requestId === requestId)
    return [...late.map((each) => ({ ...each, at_ms: line.at_ms, wall_us: line.wall_us })), line]
  })
}

function headersOf(drafts: readonly AnyDraft[]): unknown[] {
  return dataOf(drafts, 'network_response')
    .map(({ url, headers, request_headers, body }) => [url, headers, request_headers, body])
    .sort()
}

test('headers on the wire that come while a body is asked for are in the response', async () => {
  const behaviour = behaviours.find(({ name }) => name === 'page-load')
  if (behaviour === undefined) throw new Error('there is no recording of a page load')
  const [inOrder, late] = [await replayBehaviour(behaviour), await replayBehaviour(behaviour, withExtraInfoLast)]
  expect(headersOf(late.drafts)).toEqual(headersOf(inOrder.drafts))
})

/** The extra info of every request that fails, moved behind its failure. */
function withExtraInfoAfterFailure(lines: RecordedLine[]): RecordedLine[] {
  const isExtra = (line: RecordedLine): boolean => messageOf(line).method?.endsWith('ExtraInfo') === true
  const isFailure = (line: RecordedLine): boolean => messageOf(line).method === 'Network.loadingFailed'
  const failed = new Set(lines.filter(isFailure).map((line) => messageOf(line).params?.requestId))
  return lines.flatMap((line) => {
    const { requestId } = messageOf(line).params ?? {}
    if (isExtra(line) && failed.has(requestId)) return []
    if (!isFailure(line)) return [line]
    const late = lines.filter((each) => isExtra(each) && messageOf(each).params?.requestId === requestId)
    return [line, ...late.map((each) => ({ ...each, at_ms: line.at_ms, wall_us: line.wall_us }))]
  })
}

/** As if event streams were ordinary fetches, whose responses are told at their ends. */
function withoutEventStreams(lines: RecordedLine[]): RecordedLine[] {
  return JSON.parse(JSON.stringify(lines).replaceAll('"EventSource"', '"Fetch"').replaceAll('"text/event-stream"', '"text/plain"'))
}

test.each([
  ['an event stream', (lines: RecordedLine[]) => lines],
  ['an answer', withoutEventStreams],
])('%s that breaks off waits for its headers on the wire, and its failure waits with it', async (_name, change) => {
  const behaviour = behaviours.find(({ name }) => name === 'sockets')
  if (behaviour === undefined) throw new Error('there is no recording of sockets')
  const inOrder = await replayBehaviour(behaviour, change)
  const late = await replayBehaviour(behaviour, (lines) => withExtraInfoAfterFailure(change(lines)))
  const told = (drafts: readonly AnyDraft[]): unknown[] =>
    drafts
      .filter(({ type }) => type === 'network_response' || type === 'network_loading_failed')
      .map(({ type, data }) => {
        const { url, headers, request_headers, error_text } = data as Readonly<Record<string, unknown>>
        return [type, url, headers, request_headers, error_text]
      })
  expect(told(late.drafts)).toEqual(told(inOrder.drafts))
  expect(told(late.drafts).map((each) => (each as unknown[])[0])).toContain('network_loading_failed')
})
