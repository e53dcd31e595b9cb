// The official S2 client alone, as fast as it goes: the floor of the benchmark of the S2 sink.
import { AppendInput, AppendRecord, S2 } from '@s2-dev/streamstore'
import { limits } from '@tabscope/schema'
import type { S2Settings } from '../s2-settings.ts'

/** The client alone: appends as large as ours, all bytes in memory, as many under way as it takes. */
export async function runClient(settings: S2Settings, bodies: readonly Uint8Array[]): Promise<void> {
  const { accountEndpoint: account = '', basinEndpoint: basin = '' } = settings
  const s2 = new S2({ accessToken: settings.accessToken(), endpoints: { account, basin } })
  const there = s2.basin(settings.basin)
  await there.streams.ensure({ stream: settings.stream })
  const stream = there.stream(settings.stream)
  const session = await stream.appendSession({ maxInflightBytes: limits.s2InFlightBytes })
  for (let at = 0; at < bodies.length; at += limits.s2AppendRecords) {
    const records = bodies.slice(at, at + limits.s2AppendRecords).map((body) => AppendRecord.bytes({ body }))
    await session.submit(AppendInput.create(records, { matchSeqNum: at }))
  }
  await session.close()
  await stream.close()
}
