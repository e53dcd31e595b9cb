import { systemClock } from '@tabscope/schema'
import { expect, test } from 'vitest'
import { createS2Sink } from '../s2-sink.ts'
import { append, openLog } from './log.ts'
import { startS2Lite } from './s2-lite.ts'
import { plantFault, plants } from './s2-plant.ts'
import { bodiesOf } from './s2-stream-bodies.ts'
import { describeWithS2 } from './s2-world.ts'
import { durableTexts, faultsOf } from './stream-check.ts'

const durable = ['a', 'b', 'c', 'd']

test.each<[string, readonly string[], readonly string[]]>([
  ['the same', ['a', 'b', 'c', 'd'], []],
  ['a double', ['a', 'b', 'b', 'c', 'd'], ['1 records stand in the stream more than once', 'the first record out of place is 2']],
  [
    'a double at the end',
    ['a', 'b', 'c', 'd', 'a'],
    ['1 records stand in the stream more than once', 'the first record out of place is 4'],
  ],
  ['a hole', ['a', 'c', 'd'], ['1 durable events are missing in the stream', 'the first record out of place is 1']],
  ['a hole at the end', ['a', 'b', 'c'], ['1 durable events are missing in the stream']],
  ['a stream that is empty', [], ['4 durable events are missing in the stream']],
  ['disorder', ['a', 'c', 'b', 'd'], ['the first record out of place is 1']],
  ['a stranger', ['a', 'b', 'c', 'd', 'x'], ['1 records of the stream are not in the log', 'the first record out of place is 4']],
  [
    'other bytes',
    ['a', 'B', 'c', 'd'],
    ['1 durable events are missing in the stream', '1 records of the stream are not in the log', 'the first record out of place is 1'],
  ],
])('the check of a stream against a log: %s', (_name, stream, faults) => {
  expect(faultsOf(durable, stream)).toEqual(faults)
})

describeWithS2('the check of a real stream', () => {
  test('finds nothing where nothing is wrong, and each fault that is planted through the client', async () => {
    await using lite = await startS2Lite()
    await using log = await openLog()
    const records = append(log, 20)
    const settings = lite.settings('carried')
    await using sink = createS2Sink({ settings, log, clock: systemClock })
    await sink.write({ records }, new AbortController().signal)
    const found: Record<string, readonly string[]> = {}
    for (const plant of [undefined, ...plants]) {
      const checked = plant === undefined ? 'carried' : await plantFault(lite, 'carried', plant)
      found[plant ?? 'nothing'] = faultsOf(await durableTexts(log), await bodiesOf(lite, checked))
    }
    expect(found).toEqual({
      nothing: [],
      double: ['1 records stand in the stream more than once', 'the first record out of place is 11'],
      hole: ['1 durable events are missing in the stream', 'the first record out of place is 10'],
      disorder: ['the first record out of place is 10'],
      stranger: ['1 records of the stream are not in the log', 'the first record out of place is 10'],
    })
  })
})
