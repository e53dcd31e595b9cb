// The rule of URL patterns, on examples and against a regular expression.
import { systemClock } from '@tabscope/schema'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { compilePattern, compileUrlFilter } from './url-match.ts'

describe('a pattern', () => {
  test.each([
    ['https://a.test/', 'https://a.test/', true],
    ['https://a.test/', 'https://a.test/x', false],
    ['https://a.test/*', 'https://a.test/x?y=1#z', true],
    ['*.png', 'https://a.test/x.png', true],
    ['*.png', 'https://a.test/x.png?1', false],
    ['*/api/*/users*', 'https://a.test/api/v1/users/7', true],
    ['*/api/*/users*', 'https://a.test/api/users', false],
    ['a*a', 'a', false],
    ['a*a', 'aa', true],
    ['ab*ba', 'aba', false],
    ['*', '', true],
    ['', '', true],
    ['', 'x', false],
    ['**', 'anything', true],
    ['HTTPS://A.TEST/*', 'https://a.test/', false],
    ['https://a.test/?q=[1]*', 'https://a.test/?q=[1]&r=.', true],
    ['a.c', 'abc', false],
  ])('%j against %j is %j', (pattern, url, expected) => {
    expect(compilePattern(pattern)(url)).toBe(expected)
  })

  test('matches what the same regular expression matches', () => {
    const unit = fc.constantFrom('a', 'b', '/', '.', '?', '*')
    fc.assert(
      fc.property(fc.string({ unit, maxLength: 8 }), fc.string({ unit, maxLength: 12 }), (pattern, url) => {
        const source = pattern
          .split('*')
          .map((part) => part.replace(/[.?/]/g, '\\$&'))
          .join('.*')
        expect(compilePattern(pattern)(url)).toBe(new RegExp(`^${source}$`).test(url))
      }),
      { numRuns: 5000 },
    )
  })

  test('made to backtrack is matched in no time', () => {
    const matches = compilePattern(`${'*a'.repeat(200)}*b`)
    const startMs = systemClock.monotonicMs()
    const found = matches('a'.repeat(200_000))
    expect({ found, isQuick: systemClock.monotonicMs() - startMs < 500 }).toEqual({ found: false, isQuick: true })
  })
})

describe('a filter', () => {
  const captured = (filter: ReturnType<typeof compileUrlFilter>, urls: readonly string[]) => urls.filter((url) => filter.matches(url))
  const urls = ['https://a.test/api/1', 'https://a.test/x.png', 'https://b.test/api/2']

  test('without patterns lets everything through', () => {
    expect([captured(compileUrlFilter(), urls), captured(compileUrlFilter([], []), urls)]).toEqual([urls, urls])
  })

  test('lets through what one include names and no exclude does', () => {
    expect(captured(compileUrlFilter(['https://a.test/*', '*/api/*'], ['*.png']), urls)).toEqual([
      'https://a.test/api/1',
      'https://b.test/api/2',
    ])
  })
})
