import { AppendInput, AppendRecord, S2 } from '@s2-dev/streamstore'
import type { EventRecord } from '@tabscope/schema'
import { systemClock } from '@tabscope/schema'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { replayS2, type S2ReplayOptions } from './s2-replay.ts'
import { append, openLog, seqsOf } from './testing/log.ts'
import { type S2Lite, startS2Lite } from './testing/s2-lite.ts'
import { describeWithS2, makeS2World, textsOf } from './testing/s2-world.ts'

const forever = new AbortController().signal

describeWithS2('a replay of an S2 stream', () => {
  let lite: S2Lite
  let stream = ''
  let written: EventRecord[] = []

  beforeAll(async () => {
    lite = await startS2Lite()
    await using log = await openLog()
    await using world = await makeS2World(lite, log)
    await using sink = await world.open()
    stream = world.stream
    written = append(log, 250)
    await sink.write({ records: written }, forever)
  })

  afterAll(() => lite[Symbol.asyncDispose]())

  async function replayed(options: Partial<S2ReplayOptions>): Promise<EventRecord[]> {
    const records: EventRecord[] = []
    for await (const record of replayS2({ settings: lite.settings(stream), clock: systemClock, signal: forever, ...options })) {
      records.push(record)
    }
    return records
  }

  test('gives every event once, in order, byte for byte, and ends at the end', async () => {
    expect(textsOf(await replayed({}))).toEqual(textsOf(written))
  })

  test('begins behind a number, also when that is the last one, and leaves out what a filter does', async () => {
    for (const afterSeq of [1, 100, 249, 250, 900]) {
      expect(seqsOf(await replayed({ afterSeq }))).toEqual(seqsOf(written.filter(({ seq }) => seq > afterSeq)))
    }
    expect(await replayed({ filter: { categories: new Set(['network'] as const) } })).toEqual([])
  })

  test('passes over what is no event, and goes on with what comes when it follows', async () => {
    const { accountEndpoint = '', basinEndpoint = '', basin, accessToken } = lite.settings(stream)
    const there = new S2({ accessToken: accessToken(), endpoints: { account: accountEndpoint, basin: basinEndpoint } })
      .basin(basin)
      .stream(stream)
    const stop = new AbortController()
    const reason = new Error('seen enough')
    const seen: number[] = []
    const following = (async () => {
      for await (const { seq } of replayS2({
        settings: lite.settings(stream),
        clock: systemClock,
        follow: true,
        afterSeq: 249,
        signal: stop.signal,
      })) {
        seen.push(seq)
        if (seq === 250) {
          const next = JSON.stringify({ seq: 251, capture_session_id: 'x', event: { ts: 9, type: 'later', source: { kind: 'cdp' } } })
          await there.append(AppendInput.create([AppendRecord.string({ body: 'no event' }), AppendRecord.string({ body: next })]))
        } else stop.abort(reason)
      }
    })()
    await expect(following).rejects.toBe(reason)
    await there.close()
    expect(seen).toEqual([250, 251])
  })
})
