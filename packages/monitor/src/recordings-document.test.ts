// docs/recordings.md names a recording, or a test on a real Chromium, for every fact; and every recording is named there.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { behaviours } from './testing/behaviours.ts'
import { recordingsFolder } from './testing/recorded.ts'

const root = fileURLToPath(new URL('../../../', import.meta.url))

interface Row {
  readonly fact: string
  readonly recordings: readonly string[]
  readonly tests: readonly string[]
}

const named = (cell: string): string[] => [...cell.matchAll(/`([^`]+)`/g)].map(([, name]) => name ?? '')

const rows: readonly Row[] = readFileSync(join(root, 'docs/recordings.md'), 'utf8')
  .split('\n')
  .filter((line) => line.startsWith('| ') && !/^\| (Fact|---|\*\*)/.test(line))
  .map((line) => {
    const [, fact = '', recordings = '', tests = ''] = line.split('|').map((cell) => cell.trim())
    return { fact, recordings: named(recordings), tests: named(tests) }
  })

test('every fact names a recording or a test that is there', () => {
  expect(rows.length).toBeGreaterThan(40)
  const known = new Set(behaviours.map(({ name }) => name))
  const wrong = rows.filter(
    ({ recordings, tests }) =>
      recordings.length + tests.length === 0 ||
      !recordings.every((name) => known.has(name)) ||
      !tests.every((path) => path.endsWith('.test.ts') && existsSync(join(root, path))),
  )
  expect(wrong).toEqual([])
})

test('every recording is named by a fact', () => {
  const told = new Set(rows.flatMap(({ recordings }) => recordings))
  expect(behaviours.map(({ name }) => name).filter((name) => !told.has(name))).toEqual([])
})

test('every recording has its golden and its witness, and nothing else lies in the folder', () => {
  const wanted = behaviours.flatMap(({ name }) => [`${name}.ndjson`, `${name}.events.ndjson`, `${name}.witness.json`])
  expect(readdirSync(recordingsFolder).sort()).toEqual(wanted.sort())
})
