// A dozen pages of the differential run, in both attach modes; all of them are `npm run diff`.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readDocument } from '../tools/documents.ts'
import { allCases } from './cases.ts'
import { describeDifference } from './compare.ts'
import { policyTable } from './policy-table.ts'
import { runCase } from './run-case.ts'
import { openStage, type Stage } from './stage.ts'

describe.each(['passive', 'complete'] as const)('in mode %s the stream, the page server and Playwright agree on', (mode) => {
  let stage: Stage

  beforeAll(async () => {
    stage = await openStage(mode)
  })

  afterAll(async () => {
    await stage[Symbol.asyncDispose]()
  })

  test.each(allCases().filter(({ isQuick }) => isQuick))('$name', async (one) => {
    const { verdicts, trouble } = await runCase(stage, one)
    expect(trouble).toBeUndefined()
    expect(verdicts.flatMap(({ unexplained }) => unexplained.map(describeDifference))).toEqual([])
    // Both witnesses saw something, or the agreement would be one of nobody.
    expect(verdicts.map(({ witness, matched }) => [witness, matched > 0])).toEqual([
      ['server', true],
      ['playwright', true],
    ])
  })
})

test('there are at least 60 pages', () => {
  expect(allCases().length).toBeGreaterThanOrEqual(60)
})

test('the table of docs/completeness.md is that of the policy', () => {
  expect(readDocument('docs/completeness.md')).toContain(policyTable())
})

test('every page that docs/completeness.md names is there', () => {
  const named = [
    ...readDocument('docs/completeness.md').matchAll(
      /`((?:windows|frames|workers|network|document|history|console|dialogs|downloads|npm)\/[\w-]*)`/g,
    ),
  ]
  const names = named.map(([, name = '']) => name)
  expect(names.length).toBeGreaterThan(10)
  expect(names.filter((name) => !allCases().some((one) => one.name.startsWith(name)))).toEqual([])
})
