// A vitest reporter that counts, and writes the counts as JSON into the file named by TABSCOPE_TEST_SUMMARY. Prints nothing.
// @ts-check
import { writeFileSync } from 'node:fs'

/** @typedef {{ passed: number, failed: number, skipped: number }} Counts */

/**
 * Counts tests. A file that could not be loaded and an error outside of any test count as one failure each: they hide tests.
 * @param {readonly import('vitest/node').TestModule[]} modules
 * @param {readonly unknown[]} strayErrors
 * @returns {Counts}
 */
export function countTests(modules, strayErrors) {
  const counts = { passed: 0, failed: strayErrors.length, skipped: 0 }
  for (const module of modules) {
    let failedHere = 0
    for (const test of module.children.allTests()) {
      const { state } = test.result()
      if (state === 'passed') counts.passed += 1
      else if (state === 'skipped') counts.skipped += 1
      else failedHere += 1
    }
    // Hooks and suites can fail without a failed test.
    if (failedHere === 0 && module.state() === 'failed') failedHere = 1
    counts.failed += failedHere
  }
  return counts
}

export default class SummaryReporter {
  /** @param {readonly import('vitest/node').TestModule[]} modules @param {readonly unknown[]} strayErrors */
  onTestRunEnd(modules, strayErrors) {
    const file = process.env['TABSCOPE_TEST_SUMMARY']
    if (file !== undefined) writeFileSync(file, JSON.stringify(countTests(modules, strayErrors)))
  }
}
