// What a rule may take as evidence, and what not.
import { expect, test } from 'vitest'
import { isReleasedByAnother } from './evidence.ts'
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
