// The rule of cutting, on examples and on arbitrary text.
import { systemClock } from '@tabscope/schema'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { cutMark, cutText, firstBytes } from './text-cut.ts'

const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 200 }),
  fc.string({ maxLength: 200 }),
  fc.array(fc.constantFrom('\ud800', '\udc00', 'a', 'é', '漢', '😀'), { maxLength: 60 }).map((units) => units.join('')),
)

describe('a text is cut to bytes', () => {
  test.each([
    { input: 'short', cap: 5, cut: 'short' },
    { input: '0123456789abcdef', cap: 15, cut: '0...[truncated]' },
    { input: 'ééééééééé', cap: 17, cut: 'é...[truncated]' },
    { input: '漢漢漢漢漢漢', cap: 17, cut: '漢...[truncated]' },
    { input: '😀😀😀😀😀', cap: 19, cut: '😀...[truncated]' },
    { input: '😀😀😀😀😀', cap: 17, cut: '...[truncated]' },
    { input: 'twenty characters ok', cap: 14, cut: '...[truncated]' },
    { input: 'twenty characters ok', cap: 5, cut: '...[t' },
    { input: 'x', cap: 0, cut: '' },
    { input: 'x', cap: -1, cut: '' },
    { input: 'x', cap: Number.NaN, cut: '' },
    { input: '', cap: 0, cut: '' },
    { input: '\ufeff0123456789abcdef', cap: 18, cut: '\ufeff0...[truncated]' },
    { input: '\ud800'.repeat(6), cap: 17, cut: '\ufffd...[truncated]' },
  ])('$input in $cap bytes', ({ input, cap, cut }) => {
    expect(cutText(input, cap)).toEqual({ text: cut, isCut: cut !== input })
  })

  test('never over the cap, unchanged when it fits, else the longest beginning that leaves room for the mark', () => {
    fc.assert(
      fc.property(text, fc.integer({ min: 0, max: 250 }), (input, cap) => {
        const cut = cutText(input, cap)
        // Lone surrogates cost what their replacement costs.
        const wellFormed = Buffer.from(input).toString()
        expect(cut.isCut).toBe(Buffer.byteLength(input) > cap)
        if (!cut.isCut) expect(cut.text).toBe(input)
        else if (cap < cutMark.length) expect(cut.text).toBe(cutMark.slice(0, cap))
        else {
          const kept = cut.text.slice(0, -cutMark.length)
          const [next = ''] = wellFormed.slice(kept.length)
          expect(cut.text).toBe(kept + cutMark)
          expect(wellFormed.startsWith(kept)).toBe(true)
          expect(Buffer.byteLength(cut.text)).toBeLessThanOrEqual(cap)
          expect(Buffer.byteLength(kept + next) + cutMark.length).toBeGreaterThan(cap)
        }
      }),
      { numRuns: 2000 },
    )
  })

  test('without a mark, for a beginning', () => {
    expect([firstBytes('a漢b', 3), firstBytes('a漢b', 4), firstBytes('a漢b', 99), firstBytes('a', 0), firstBytes('a', -5)]).toEqual([
      'a',
      'a漢',
      'a漢b',
      '',
      '',
    ])
  })

  test('of 30 million characters without encoding all of them', () => {
    const huge = 'x'.repeat(30_000_000)
    const startMs = systemClock.monotonicMs()
    const cut = cutText(huge, 1000)
    expect({ length: cut.text.length, isQuick: systemClock.monotonicMs() - startMs < 1000 }).toEqual({ length: 1000, isQuick: true })
  })
})
