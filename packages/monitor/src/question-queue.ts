// Asks for large answers a few at a time. At most so many are under way, and only while their expected bytes fit a bound together;
// the rest wait in order, and beyond the waiting room a question is refused at once.
import { limits } from '@tabscope/schema'
import type { Stamp } from './stamp.ts'
import type { Answer, Question } from './translator.ts'

/** Puts a question to its session; `answered` is called exactly once. */
export type Ask = (question: Question, answered: (answer: Answer, stamp: Stamp) => void) => void

interface Waiting {
  readonly question: Question
  readonly ask: Ask
  readonly answered: (answer: Answer, stamp: Stamp) => void
}

export interface QuestionQueue {
  ask(question: Question, ask: Ask, done: { answered: (answer: Answer, stamp: Stamp) => void; now: () => Stamp }): void
}

export function createQuestionQueue(): QuestionQueue {
  const waiting: Waiting[] = []
  let underWay = 0
  let bytesUnderWay = 0
  const fits = (bytes: number): boolean =>
    underWay === 0 || (underWay < limits.bodyFetches && bytesUnderWay + bytes <= limits.bodyFetchesBytes)
  const start = (next: Waiting): void => {
    const bytes = next.question.expectedBytes ?? 0
    underWay += 1
    bytesUnderWay += bytes
    next.ask(next.question, (answer, stamp) => {
      underWay -= 1
      bytesUnderWay -= bytes
      next.answered(answer, stamp)
      startWaiting()
    })
  }
  const startWaiting = (): void => {
    for (let next = waiting[0]; next !== undefined && fits(next.question.expectedBytes ?? 0); next = waiting[0]) {
      waiting.shift()
      start(next)
    }
  }
  return {
    ask: (question, ask, done) => {
      const next = { question, ask, answered: done.answered }
      if (waiting.length === 0 && fits(question.expectedBytes ?? 0)) return start(next)
      if (waiting.length < limits.bodyFetchesWaiting) {
        waiting.push(next)
        return
      }
      done.answered({ ok: false, code: 'refused', message: `more than ${limits.bodyFetchesWaiting} answers are waited for` }, done.now())
    },
  }
}
