import { expect, test } from 'vitest'
import { combineExports, type ExportFigures } from './export-figures.ts'

const works: ExportFigures = { sent: 5, failed: 1, dropped: 0, failuresInRow: 0, lastError: 'old', lastErrorUs: 10, lastSentUs: 30 }
const fails: ExportFigures = { sent: 2, failed: 4, dropped: 3, failuresInRow: 4, lastError: 'new', lastErrorUs: 20 }

test('counts are added, the newest error and success are kept, and the latest attempt says whether it worked', () => {
  const both: ExportFigures = { sent: 7, failed: 5, dropped: 3, failuresInRow: 0, lastError: 'new', lastErrorUs: 20, lastSentUs: 30 }
  expect([combineExports([works, fails]), combineExports([fails, works])]).toEqual([both, both])
  const later: ExportFigures = { ...fails, lastErrorUs: 40 }
  expect(combineExports([later, works])).toEqual({ ...both, failuresInRow: 4, lastErrorUs: 40 })
})

test('of nothing there is nothing', () => {
  expect(combineExports([])).toEqual({ sent: 0, failed: 0, dropped: 0, failuresInRow: 0 })
})
