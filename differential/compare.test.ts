// The comparison itself: it must find what it is there for.
import { expect, test } from 'vitest'
import { compareFacts, describeDifference } from './compare.ts'
import type { Fact } from './facts.ts'

const request = (key: string, attributes: Fact['attributes'] = {}): Fact => ({ kind: 'request', key, attributes, notes: {} })
const said = (text: string): Fact => ({ kind: 'console', key: `log ${text}`, attributes: {}, notes: { group: 'log 1' } })
const problemsOf = (theirs: Fact[], ours: Fact[]): string[] => compareFacts(theirs, ours).differences.map(describeDifference)

test('what only the witness has is missed, what only the stream has is a phantom, and what it has too often is double', () => {
  expect(problemsOf([request('GET a'), request('GET b')], [request('GET b'), request('GET b'), request('GET c')])).toEqual([
    'missed request GET a {}',
    'double request GET b {}',
    'phantom request GET c {}',
  ])
})

test('attributes that the witness knows are compared, others are not', () => {
  const theirs = [request('GET a', { status: 200, nav: undefined })]
  expect(problemsOf(theirs, [request('GET a', { status: 200, nav: 3 })])).toEqual([])
  expect(problemsOf(theirs, [request('GET a', { status: 404 })])).toEqual([
    'different request GET a: status is 200 for the witness, 404 in the stream ({})',
  ])
})

test('of facts that are alike those that agree are paired, whatever their order', () => {
  const [one, two] = [request('GET a', { status: 1 }), request('GET a', { status: 2 })]
  expect(compareFacts([one, two], [two, one])).toEqual({ differences: [], matched: 2 })
})

test('a fact of which the witness says little does not take the one that another needs', () => {
  const theirs = [request('GET a', { tab: undefined }), request('GET a', { tab: 'T' })]
  expect(compareFacts(theirs, [request('GET a', { tab: 'T' }), request('GET a')])).toEqual({ differences: [], matched: 2 })
})

test('one call printed in two ways is one difference of its text', () => {
  expect(problemsOf([said('{a: 1}')], [said('{ a: 1 }')])).toEqual([
    'different console log {a: 1}: text is nothing for the witness, nothing in the stream ({"group":"log 1"})',
  ])
})
