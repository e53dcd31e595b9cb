import { describe, expect, test } from 'vitest'
import { parseFilterQuery, valuesOf } from './filter-query.ts'

test('no parameter is a filter that lets everything pass', () => {
  expect(parseFilterQuery({})).toEqual({})
})

test('values may be repeated, joined by commas, or both, with blanks and doubles', () => {
  expect(valuesOf({ type: ['page_load,console_log', ' page_load ', '', 'x,,y'] }, 'type')).toEqual(['page_load', 'console_log', 'x', 'y'])
})

test('every part of a filter is read', () => {
  const query = { category: 'console,api', type: ['a', 'b'], source_kind: 'cdp', target_id: 'T1,T2', detail_level: 'standard', limit: '5' }
  expect(parseFilterQuery(query)).toEqual({
    categories: new Set(['console', 'control']),
    types: new Set(['a', 'b']),
    sourceKinds: new Set(['cdp']),
    targetIds: new Set(['T1', 'T2']),
    maxDetailLevel: 'standard',
  })
})

test('a blank parameter is one that was not given', () => {
  expect(parseFilterQuery({ category: '', type: ',', detail_level: ' ' })).toEqual({})
})

test('any type name is fine, and monitor can be filtered for', () => {
  expect(parseFilterQuery({ type: 'my_own', category: 'monitor' })).toEqual({
    types: new Set(['my_own']),
    categories: new Set(['monitor']),
  })
})

describe('a value that cannot be meant', () => {
  test.each([
    [{ category: 'console,pages' }, 'unknown_category', 'Category "pages" is not one'],
    [{ source_kind: 'chrome' }, 'invalid_request', 'query.source_kind: "chrome" is not one of cdp, kernel_api, extension, local_process'],
    [{ detail_level: 'all' }, 'invalid_request', 'query.detail_level: "all" is not one of minimal, standard, verbose, raw'],
    [{ detail_level: 'raw,minimal' }, 'invalid_request', 'query.detail_level: given more than once'],
    [{ type: Array.from({ length: 257 }, (_, index) => `t${index}`) }, 'invalid_request', 'query.type: 257 values, at most 256'],
  ])('is refused with its name: %j', (query, code, message) => {
    expect(() => parseFilterQuery(query)).toThrow(expect.objectContaining({ code, message: expect.stringContaining(message) }))
  })
})
