import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { concludeRun } from './run-tests.mjs'
import { repositoryRoot } from './source-files.ts'

const finished = { runnerCode: 0, isCi: false }

test('all passed is good', () => {
  expect(concludeRun({ passed: 3, failed: 0, skipped: 0 }, finished)).toEqual({ line: '3 passed, 0 failed', ok: true })
})

test('one failure is bad', () => {
  expect(concludeRun({ passed: 3, failed: 1, skipped: 0 }, { runnerCode: 1, isCi: false })).toEqual({
    line: '3 passed, 1 failed',
    ok: false,
  })
})

test('a skipped test is named, and is bad where CI=true', () => {
  const counts = { passed: 3, failed: 0, skipped: 2 }
  expect(concludeRun(counts, finished)).toEqual({ line: '3 passed, 0 failed, 2 skipped', ok: true })
  expect(concludeRun(counts, { runnerCode: 0, isCi: true })).toEqual({
    complaint: 'with CI=true a skipped test is a failure',
    line: '3 passed, 0 failed, 2 skipped',
    ok: false,
  })
})

test('no test at all is bad', () => {
  expect(concludeRun({ passed: 0, failed: 0, skipped: 0 }, finished)).toEqual({
    complaint: 'no test has run',
    line: '0 passed, 0 failed',
    ok: false,
  })
})

test('a runner that crashed is bad, whatever it said before', () => {
  expect(concludeRun(undefined, { runnerCode: 134, isCi: false })).toEqual({
    complaint: 'the test runner did not finish (code 134)',
    line: '0 passed, 1 failed',
    ok: false,
  })
  expect(concludeRun({ passed: 3, failed: 0, skipped: 0 }, { runnerCode: 1, isCi: false })).toMatchObject({ ok: false })
})

// The real runner on small test files, which must lie where vitest looks for tests.
let folder: string
beforeAll(() => {
  const parent = join(repositoryRoot, 'node_modules', '.cache')
  mkdirSync(parent, { recursive: true })
  folder = mkdtempSync(join(parent, 'run-tests-'))
  writeFileSync(join(folder, 'vitest.config.mjs'), "export default { test: { include: ['*.test.mjs'] } }\n")
  const header = "import { describe, expect, test, beforeAll } from 'vitest'\n"
  const files: Record<string, string> = {
    'good.test.mjs': "test('a', () => {})\ntest('b', () => {})\n",
    'bad.test.mjs': "test('c', () => {})\ntest('d', () => expect(1).toBe(2))\n",
    'broken.test.mjs': "throw new Error('cannot be loaded')\n",
    'hook.test.mjs': "describe('group', () => { beforeAll(() => { throw new Error('hook') })\ntest('e', () => {}) })\n",
    'skipped.test.mjs': "test('f', () => {})\ntest.skip('g', () => {})\n",
    'stray.test.mjs': "test('h', async () => { Promise.reject(new Error('nobody waits for this')); await new Promise(setImmediate) })\n",
  }
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), header + text)
})
afterAll(() => rmSync(folder, { recursive: true }))

function run(names: string[], env: Record<string, string> = {}): { lastLine: string | undefined; code: number | null } {
  const runner = join(repositoryRoot, 'tools', 'run-tests.mjs')
  const { CI: _ci, ...rest } = process.env
  const done = spawnSync(process.execPath, [runner, '--root', folder, ...names], {
    encoding: 'utf8',
    env: { ...rest, ...env },
    timeout: 60_000,
  })
  return { lastLine: done.stdout.trimEnd().split('\n').at(-1), code: done.status }
}

test.each([
  [['good'], '2 passed, 0 failed', 0],
  [['good', 'bad'], '3 passed, 1 failed', 1],
  [['good', 'broken'], '2 passed, 1 failed', 1],
  [['good', 'hook'], '2 passed, 1 failed, 1 skipped', 1],
  [['skipped'], '1 passed, 0 failed, 1 skipped', 0],
  [['stray'], '1 passed, 1 failed', 1],
  [['no-such-file'], '0 passed, 0 failed', 1],
])('the real runner on %s ends with "%s"', (names, lastLine, code) => {
  expect(run(names)).toEqual({ lastLine, code })
})

test('the real runner fails a skipped test where CI=true', () => {
  expect(run(['skipped'], { CI: 'true' })).toEqual({ lastLine: '1 passed, 0 failed, 1 skipped', code: 1 })
})
