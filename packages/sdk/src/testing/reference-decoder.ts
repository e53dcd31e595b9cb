// The decoder of sse.ts as simply as it can be said, over a whole text: slow, unbounded, and the measure of the real one.
import type { SseId, SseMessage } from '../sse.ts'

/** What a whole stream dispatches. A block that no blank line ends is dropped. */
export function decodeWhole(bytes: Uint8Array): (SseMessage | SseId)[] {
  const lines = new TextDecoder('utf-8').decode(bytes).split(/\r\n|\n|\r/)
  lines.pop()
  const found: (SseMessage | SseId)[] = []
  let lastEventId = ''
  let block: string[] = []
  for (const line of lines) {
    if (line !== '') {
      block.push(line)
      continue
    }
    const fields = block.filter((text) => !text.startsWith(':')).map((text) => /^([^:]*)(?:: ?(.*))?$/s.exec(text) ?? [])
    const valuesOf = (name: string): string[] => fields.filter(([, field]) => field === name).map(([, , value]) => value ?? '')
    const id =
      valuesOf('id')
        .filter((value) => !value.includes('\0'))
        .at(-1) ?? lastEventId
    const data = valuesOf('data').join('\n')
    if (data !== '') found.push({ kind: 'message', event: valuesOf('event').at(-1) || 'message', data, lastEventId: id })
    else if (id !== lastEventId) found.push({ kind: 'id', lastEventId: id })
    lastEventId = id
    block = []
  }
  return found
}
