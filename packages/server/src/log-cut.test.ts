import { closeSync, openSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createManualClock } from '@tabscope/schema'
import { expect, test } from 'vitest'
import { createLogCut } from './log-cut.ts'
import { createLogger } from './log-line.ts'
import { temporaryFolder } from './testing/temporary-folder.ts'

interface Line {
  readonly n?: number
  readonly cutBytes?: number
}

test('the file stays within its bound, says what was cut, and keeps the newest lines whole', async () => {
  await using folder = await temporaryFolder()
  const path = join(folder.path, 'server.log')
  const fd = openSync(path, 'a+')
  const logger = createLogger('info', createLogCut({ fd, mostBytes: 2_000, clock: createManualClock() }))
  const sizes: number[] = []
  for (let n = 1; n <= 100; n++) {
    logger.info({ n }, 'é a line')
    sizes.push(readFileSync(path).length)
  }
  closeSync(fd)
  expect(Math.max(...sizes)).toBeLessThanOrEqual(2_000)
  const lines: Line[] = readFileSync(path, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))
  const [mark, ...rest] = lines
  expect(mark).toMatchObject({ level: 40, cutBytes: expect.any(Number), msg: 'older lines of this log were cut away' })
  expect(rest.map(({ n }) => n)).toEqual(Array.from({ length: rest.length }, (_, index) => 101 - rest.length + index))
  expect(rest.length).toBeGreaterThan(5)
})

test('a line that is longer than the bound does not stay', async () => {
  await using folder = await temporaryFolder()
  const path = join(folder.path, 'server.log')
  writeFileSync(path, 'before\n')
  const fd = openSync(path, 'a+')
  createLogCut({ fd, mostBytes: 1_000, clock: createManualClock() }).write(`${'x'.repeat(5_000)}\n`)
  closeSync(fd)
  expect(readFileSync(path, 'utf8')).toMatch(/^\{"level":40,.*"cutBytes":5008,.*\}\n$/)
})
