// Everything that stands in a stream, straight from S2 and not through any proxy: what tests and soaks compare with the log.
import { systemClock } from '@tabscope/schema'
import { openS2Stream } from '../s2-stream.ts'
import type { S2Lite } from './s2-lite.ts'

const forever = new AbortController().signal

/** Every record of a stream as text, straight from S2 and not through any proxy. */
export async function bodiesOf(lite: S2Lite, stream: string): Promise<string[]> {
  await using direct = openS2Stream(lite.settings(stream), systemClock)
  const bodies: string[] = []
  for (let position = 0; ; ) {
    const records = await direct.read(position, 1000, forever)
    const last = records.at(-1)
    if (last === undefined) return bodies
    for (const { body } of records) if (body !== undefined) bodies.push(Buffer.from(body).toString('utf8'))
    position = last.position + 1
  }
}
