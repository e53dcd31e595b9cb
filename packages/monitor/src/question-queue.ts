// Asks for large answers a few at a time. At most so many are under way, and only while their expected bytes fit a bound together;
// the rest wait in order, and beyond the waiting room a question is refused at once. Questions of an owner that is gone end with it:
// Chromium never answers them, and they must not keep the others waiting.
import { limits } from '@tabscope/schema'
import type { Stamp } from './stamp.ts'
import type { Answer, Question } from './translator.ts'

type Answered = (answer: Answer, stamp: Stamp) => void

/** Puts a question to its session. */
export type Ask = (question: Question, answered: Answered) => void

interface Entry {
  readonly owner: object
  readonly question: Question
  readonly ask: Ask
  readonly answered: Answered
}

export interface QuestionQueue {
  /** `answered` is called exactly once. */
  ask(question: Question, ask: Ask, done: { readonly owner: object; readonly answered: Answered; readonly now: () => Stamp }): void
  /** Ends every question of this owner with this answer, at once. */
  abandon(owner: object, answer: Answer, stamp: Stamp): void
  readonly held: HeldQuestions
}

/** What the queue has in hand. */
export interface HeldQuestions {
  readonly underWay: number
  /** Expected bytes of the answers under way. */
  readonly bytesUnderWay: number
  readonly waiting: number
  /** What is kept in memory for all of them, meanwhile. */
  readonly keptBytes: number
}

export function createQuestionQueue(): QuestionQueue {
  let waiting: Entry[] = []
  const underWay = new Set<Entry>()
  let bytesUnderWay = 0
  let keptBytes = 0
  const bytesOf = ({ question }: Entry): number => question.expectedBytes ?? 0
  const keptOf = ({ question }: Entry): number => question.keptBytes ?? 0
  const fits = (entry: Entry): boolean =>
    underWay.size === 0 || (underWay.size < limits.bodyFetches && bytesUnderWay + bytesOf(entry) <= limits.bodyFetchesBytes)
  const finish = (entry: Entry, answer: Answer, stamp: Stamp): void => {
    // Abandoned before: this answer is of nobody's concern.
    if (!underWay.delete(entry)) return
    bytesUnderWay -= bytesOf(entry)
    keptBytes -= keptOf(entry)
    entry.answered(answer, stamp)
    startWaiting()
  }
  const start = (entry: Entry): void => {
    underWay.add(entry)
    bytesUnderWay += bytesOf(entry)
    entry.ask(entry.question, (answer, stamp) => finish(entry, answer, stamp))
  }
  const startWaiting = (): void => {
    for (let next = waiting[0]; next !== undefined && fits(next); next = waiting[0]) {
      waiting.shift()
      start(next)
    }
  }
  return {
    ask: (question, ask, { owner, answered, now }) => {
      const entry = { owner, question, ask, answered }
      if (waiting.length >= limits.bodyFetchesWaiting || keptBytes + keptOf(entry) > limits.bodyFetchesKeptBytes) {
        const message = `${waiting.length} answers of ${limits.bodyFetchesWaiting}, and ${keptBytes} bytes of ${limits.bodyFetchesKeptBytes}, are waited for`
        return answered({ ok: false, code: 'refused', message }, now())
      }
      keptBytes += keptOf(entry)
      if (waiting.length === 0 && fits(entry)) start(entry)
      else waiting.push(entry)
    },
    abandon: (owner, answer, stamp) => {
      const left = waiting.filter((entry) => entry.owner === owner)
      if (left.length > 0) waiting = waiting.filter((entry) => entry.owner !== owner)
      for (const entry of [...underWay]) if (entry.owner === owner) finish(entry, answer, stamp)
      for (const entry of left) keptBytes -= keptOf(entry)
      for (const entry of left) entry.answered(answer, stamp)
    },
    get held() {
      return { underWay: underWay.size, bytesUnderWay, waiting: waiting.length, keptBytes }
    },
  }
}
