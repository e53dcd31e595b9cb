// The proof of exactly once: what a log holds for good, and what stands in the stream, byte by byte. Knows nothing of how it came there.
import type { EventLog } from '@tabscope/log'

/** Every event that a log holds for good, as text. Throws when the log itself lost some. */
export async function durableTexts(log: EventLog): Promise<string[]> {
  await using reader = log.reader({ from: { at: 'oldest' }, durableOnly: true })
  const texts: string[] = []
  for (let result = await reader.read(1_048_576); result.at !== 'caught-up'; result = await reader.read(1_048_576)) {
    if (result.at === 'records') texts.push(...result.records.map(({ bytes }) => Buffer.from(bytes).toString('utf8')))
    else if (result.gap.reason !== 'restart') throw new Error(`the log itself lost events: ${JSON.stringify(result.gap)}`)
  }
  return texts
}

/** What is wrong with a stream that should hold exactly that, each fault in words; none when both are the same. */
export function faultsOf(durable: readonly string[], stream: readonly string[]): string[] {
  const inStream = new Set(stream)
  const inLog = new Set(durable)
  const missing = durable.filter((text) => !inStream.has(text)).length
  const strange = stream.filter((text) => !inLog.has(text)).length
  const misplaced = stream.findIndex((text, position) => text !== durable[position])
  return [
    ...(missing > 0 ? [`${missing} durable events are missing in the stream`] : []),
    ...(strange > 0 ? [`${strange} records of the stream are not in the log`] : []),
    ...(stream.length !== inStream.size ? [`${stream.length - inStream.size} records stand in the stream more than once`] : []),
    ...(misplaced >= 0 ? [`the first record out of place is ${misplaced}`] : []),
  ]
}
