// The small files that everybody meets on: categories, cursors, errors, limits, the configuration's base.
import { expect, test } from 'vitest'
import { browserCategories, categories, defaultCategories, parseCategory, settableCategories } from './category.ts'
import { configOff, withCategories } from './config.ts'
import { parseLastEventId } from './cursor.ts'
import { errorTable, TelemetryError } from './errors.ts'
import { limits, limitTable } from './limits.ts'
import { detailRank } from './source.ts'

test('monitor is the one category that cannot be set', () => {
  expect(categories.filter((category) => !(settableCategories as readonly string[]).includes(category))).toEqual(['monitor'])
})

test('the default set and the categories of the browser have nothing in common', () => {
  expect(defaultCategories.filter((category) => (browserCategories as readonly string[]).includes(category))).toEqual([])
})

test('a category is found by its name and by its old name only', () => {
  expect(['network', 'api', 'monitor', 'Network', 'toString', ''].map(parseCategory)).toEqual([
    'network',
    'control',
    'monitor',
    undefined,
    undefined,
    undefined,
  ])
})

test('detail levels are ordered', () => {
  expect(['minimal', 'standard', 'verbose', 'raw'].map((level) => detailRank(level as 'raw'))).toEqual([0, 1, 2, 3])
})

test.each([
  [undefined, undefined],
  ['', undefined],
  ['0', undefined],
  ['-1', undefined],
  ['1.5', undefined],
  ['12a', undefined],
  ['9007199254740992', undefined],
  ['99999999999999999999', undefined],
  ['1', 1],
  ['007', 7],
  ['9007199254740991', 9_007_199_254_740_991],
])('the Last-Event-ID %j means %j', (text, seq) => {
  expect(parseLastEventId(text)).toBe(seq)
})

test('switching categories leaves every other option as it was', () => {
  const page = { ...configOff.browser.page, settled_events: false }
  const config = withCategories({ ...configOff, browser: { ...configOff.browser, page } }, new Set(['page']))
  expect(config).toEqual({ ...configOff, browser: { ...configOff.browser, page: { ...page, enabled: true } } })
})

test('an error carries its code, status and the values that it is about', () => {
  const error = new TelemetryError('cursor_expired', { asked: 12, oldest: 400 })
  expect({ name: error.name, code: error.code, httpStatus: error.httpStatus, detail: error.detail, message: error.message }).toEqual({
    name: 'TelemetryError',
    code: 'cursor_expired',
    httpStatus: 410,
    detail: { asked: 12, oldest: 400 },
    message: 'Events after 12 are gone; the oldest kept is 400. Read from there.',
  })
})

test('only a bad token or key is 401 or 403, because clients drop their route on them', () => {
  const rows = Object.entries(errorTable).map(([code, definition]) => ({ code, status: definition.httpStatus }))
  const wrong = rows.filter(({ code, status }) => (status === 401 || status === 403) && !/token|api_key/.test(code))
  expect(wrong).toEqual([])
})

test('every limit is a positive number with a reason, and has its value under its name', () => {
  const bad = Object.entries(limitTable).filter(([, limit]) => !(limit.value > 0 && limit.reason.endsWith('.')))
  expect(bad).toEqual([])
  expect(limits.recordBytes).toBe(1_000_000)
})
