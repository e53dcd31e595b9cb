import { afterAll, beforeAll } from 'vitest'
import { type S2Lite, startS2Lite } from './testing/s2-lite.ts'
import { describeWithS2, makeS2World } from './testing/s2-world.ts'
import { describeSink } from './testing/sink-suite.ts'

describeWithS2('with a real S2 in memory', () => {
  let lite: S2Lite

  beforeAll(async () => {
    lite = await startS2Lite()
  })

  afterAll(() => lite[Symbol.asyncDispose]())

  describeSink('s2', { makeWorld: (log) => makeS2World(lite, log), repeats: 'recognised', hasNetwork: true, overlaps: true })
})
