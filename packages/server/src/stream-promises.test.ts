// The numbered list of what the stream promises and the tests that cite it belong together.
import { readdirSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'

const list = readFileSync(new URL('../../../docs/stream-promises.md', import.meta.url), 'utf8')
const numbered = [...list.matchAll(/^(\d+)\. /gm)].map(([, number]) => Number(number))

/** The numbers in the names of the tests of this folder, as in `(promise 3)` and `(promises 3 and 24)`. */
function citedNumbers(): ReadonlySet<number> {
  const folder = new URL('.', import.meta.url)
  const files = readdirSync(folder).filter((name) => name.endsWith('.test.ts') && name !== 'stream-promises.test.ts')
  const names = files.flatMap((name) => [...readFileSync(new URL(name, folder), 'utf8').matchAll(/\(promises? ([\d, and]+)\)/g)])
  return new Set(names.flatMap(([, numbers]) => (numbers?.match(/\d+/g) ?? []).map(Number)))
}

test('the promises are numbered without a hole', () => {
  expect(numbered).toEqual(numbered.map((_, index) => index + 1))
})

test('every promise is cited by a test, and every citation is a promise', () => {
  expect([...citedNumbers()].sort((a, b) => a - b)).toEqual(numbered)
})
