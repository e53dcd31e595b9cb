// Large answers, a few at a time, and what becomes of them when nobody is there to give them.
import { limits } from '@tabscope/schema'
import { expect, test } from 'vitest'
import { createQuestionQueue, type QuestionQueue } from './question-queue.ts'
import type { Answer } from './translator.ts'

const stamp = { atUs: 1, atMs: 1 }
const closed: Answer = { ok: false, code: 'closed', message: 'gone' }

interface Desk {
  readonly queue: QuestionQueue
  /** What was asked and not answered yet, oldest first. */
  readonly open: string[]
  /** What was answered, and how. */
  readonly answered: string[]
  ask(name: string, owner: object, expectedBytes?: number, keptBytes?: number): void
  answer(name: string): void
}

function createDesk(): Desk {
  const queue = createQuestionQueue()
  const open: string[] = []
  const answered: string[] = []
  const answers = new Map<string, () => void>()
  return {
    queue,
    open,
    answered,
    ask: (name, owner, expectedBytes = 1, keptBytes = 0) =>
      queue.ask(
        { method: name, expectedBytes, keptBytes, answered: () => undefined },
        (_question, done) => {
          open.push(name)
          answers.set(name, () => done({ ok: true, result: name }, stamp))
        },
        { owner, answered: (answer) => answered.push(`${name} ${answer.ok ? 'ok' : answer.code}`), now: () => stamp },
      ),
    answer: (name) => {
      answers.get(name)?.()
      open.splice(open.indexOf(name), 1)
    },
  }
}

const names = (count: number): string[] => Array.from({ length: count }, (_, index) => `q${index}`)

test('as many questions as allowed are under way, the rest wait in order', () => {
  const desk = createDesk()
  for (const name of names(limits.bodyFetches + 2)) desk.ask(name, desk)
  expect(desk.open).toEqual(names(limits.bodyFetches))
  desk.answer('q3')
  expect([desk.open.at(-1), desk.answered]).toEqual([`q${limits.bodyFetches}`, ['q3 ok']])
})

test('a large answer waits until the others fit beside it, and goes alone when it never would', () => {
  const desk = createDesk()
  desk.ask('small', desk)
  desk.ask('huge', desk, limits.bodyFetchesBytes + 1)
  desk.ask('after it', desk)
  expect(desk.open).toEqual(['small'])
  desk.answer('small')
  expect(desk.open).toEqual(['huge'])
  desk.answer('huge')
  expect([desk.open, desk.answered]).toEqual([['after it'], ['small ok', 'huge ok']])
})

test('beyond the waiting room a question is refused at once', () => {
  const desk = createDesk()
  for (const name of names(limits.bodyFetches + limits.bodyFetchesWaiting + 1)) desk.ask(name, desk)
  expect(desk.answered).toEqual([`q${limits.bodyFetches + limits.bodyFetchesWaiting} refused`])
})

test('the questions of an owner that is gone end at once, the others take their places, and a late answer changes nothing', () => {
  const desk = createDesk()
  const gone = {}
  for (const name of names(limits.bodyFetches + 1)) desk.ask(name, gone)
  desk.ask('other', {})
  expect(desk.open).not.toContain('other')
  desk.queue.abandon(gone, closed, stamp)
  expect(desk.open).toContain('other')
  desk.answer('q0')
  desk.answer('other')
  expect(desk.answered).toEqual([...names(limits.bodyFetches + 1).map((name) => `${name} closed`), 'other ok'])
})

test('a question is refused at once when too much would be kept for those in hand, and nothing is kept when all have ended', () => {
  const desk = createDesk()
  const other = {}
  desk.ask('large', desk, 1, limits.bodyFetchesKeptBytes)
  desk.ask('one more', other, 1, 1)
  expect([desk.answered, desk.queue.held.keptBytes]).toEqual([['one more refused'], limits.bodyFetchesKeptBytes])
  desk.answer('large')
  for (const name of names(limits.bodyFetches + 2)) desk.ask(name, desk, 1, 10)
  desk.ask('last', other, 1, 10)
  desk.queue.abandon(desk, closed, stamp)
  desk.answer('last')
  expect(desk.queue.held).toEqual({ underWay: 0, bytesUnderWay: 0, waiting: 0, keptBytes: 0 })
})
