// What a rule may take as evidence, and what not.
import { expect, test } from 'vitest'
import { isBeforeAttach, isOfAnotherWindow, isReleasedByAnother } from './evidence.ts'
import type { Fact } from './facts.ts'

const url = 'http://a/worker.js'
const missed = { problem: 'missed', theirs: { kind: 'response', key: `GET ${url}`, attributes: {}, notes: {} }, ours: undefined } as const

function failure(errorText: string, targetType: string, key = url): Fact {
  return { kind: 'failure', key, attributes: { error_text: errorText }, notes: { target_type: targetType } }
}

test('a missed response of a worker that another client let go is excused only where the stream says that its script ended without one', () => {
  const told = failure('finished_without_response', 'service_worker')
  const seen = [
    isReleasedByAnother(missed, { mode: 'complete', ours: [told] }),
    isReleasedByAnother(missed, { mode: 'passive', ours: [told] }),
    isReleasedByAnother({ ...missed, problem: 'different' }, { mode: 'complete', ours: [told] }),
    ...[
      [],
      [failure('finished_without_response', 'page')],
      [failure('net::ERR_FAILED', 'service_worker')],
      [failure('finished_without_response', 'service_worker', 'http://a/other.js')],
    ].map((ours) => isReleasedByAnother(missed, { mode: 'complete', ours })),
  ]
  expect(seen).toEqual([true, false, false, false, false, false, false])
})

test('what `passive` missed is excused on pages that open targets, but nothing of the document that they begin with', () => {
  const firstUrl = 'http://a/first'
  const passive = { mode: 'passive', opensTargets: true, firstUrl } as const
  const miss = (kind: Fact['kind'], key: string, script = ''): boolean =>
    isBeforeAttach({ problem: 'missed', theirs: { kind, key, attributes: {}, notes: { script } }, ours: undefined }, passive)
  expect([miss('request', 'GET http://a/popup'), miss('load', 'http://a/popup'), miss('console', 'log x', 'http://a/popup')]).toEqual([
    true,
    true,
    true,
  ])
  expect([miss('response', `GET ${firstUrl}`), miss('load', firstUrl), miss('console', 'log x', firstUrl)]).toEqual([false, false, false])
  expect(isBeforeAttach(missed, { ...passive, mode: 'complete' })).toBe(false)
  expect(isBeforeAttach(missed, { ...passive, opensTargets: false })).toBe(false)
})

test('requests of two windows are excused in `passive` where the stream has the answers of both, each on its own tab', () => {
  const key = 'GET http://a/case.js'
  const fact = (kind: Fact['kind'], tab: string): Fact => ({ kind, key, attributes: { tab }, notes: {} })
  const difference = { problem: 'different', attribute: 'tab', theirs: fact('request', 'one'), ours: fact('request', 'two') } as const
  const isExcused = (mode: 'passive' | 'complete', answered: readonly string[]): boolean =>
    isOfAnotherWindow(difference, {
      mode,
      opensTargets: true,
      firstUrl: 'http://a/',
      ours: [fact('request', 'two'), ...answered.map((tab) => fact('response', tab))],
      server: [fact('request', ''), fact('request', '')],
      playwright: [],
    })
  expect([isExcused('passive', ['one', 'two']), isExcused('passive', ['two', 'two']), isExcused('complete', ['one', 'two'])]).toEqual([
    true,
    false,
    false,
  ])
})
