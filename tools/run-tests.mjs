// Runs the tests and says the result in the very last line: `N passed, M failed`, with `, K skipped` when there are any.
// Builds nothing. Arguments go on to vitest: `npm test -- packages/log`.
// @ts-check
import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))

/**
 * What to print last, and whether the run counts as good. No tests at all is a failure; so is a skipped one where CI=true.
 * @param {import('./summary-reporter.mjs').Counts | undefined} counts undefined = the runner did not finish
 * @param {{ runnerCode: number | null, isCi: boolean }} run
 * @returns {{ complaint?: string, line: string, ok: boolean }}
 */
export function concludeRun(counts, { runnerCode, isCi }) {
  if (counts === undefined)
    return { complaint: `the test runner did not finish (code ${runnerCode})`, line: '0 passed, 1 failed', ok: false }
  const { passed, failed, skipped } = counts
  const line = `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`
  if (failed > 0) return { line, ok: false }
  if (passed === 0) return { complaint: 'no test has run', line, ok: false }
  if (skipped > 0 && isCi) return { complaint: 'with CI=true a skipped test is a failure', line, ok: false }
  if (runnerCode !== 0) return { complaint: `the test runner ended with code ${runnerCode}`, line, ok: false }
  return { line, ok: true }
}

/** @param {string} file @returns {import('./summary-reporter.mjs').Counts | undefined} */
function readCounts(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch {
    // Not written: the runner crashed or was ended. concludeRun says so.
    return undefined
  }
}

/** @param {string[]} args */
async function main(args) {
  const folder = mkdtempSync(join(tmpdir(), 'tabscope-tests-'))
  const file = join(folder, 'summary.json')
  const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs')
  const reporters = ['--reporter=default', `--reporter=${join(root, 'tools', 'summary-reporter.mjs')}`]
  const child = spawn(process.execPath, [vitest, 'run', ...reporters, ...args], {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, TABSCOPE_TEST_SUMMARY: file },
  })
  const runnerCode = await new Promise((resolve) => child.once('close', resolve))
  const end = concludeRun(readCounts(file), { runnerCode, isCi: process.env['CI'] === 'true' })
  rmSync(folder, { recursive: true, force: true })
  process.stdout.write(`${end.complaint === undefined ? '' : `${end.complaint}\n`}${end.line}\n`)
  process.exitCode = end.ok ? 0 : 1
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) await main(process.argv.slice(2))
