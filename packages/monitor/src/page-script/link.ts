// The way out of the page: CDP's binding, which appears in this world sooner or later, and a short queue until then.
// Without `Runtime.enable` Chromium puts the binding only into worlds that exist when it is asked to, so it comes after the script;
// it is put there by an ordinary assignment, and a setter takes it. Measured on Chromium 156.
import type { PageMessage } from '../interaction/page-message.ts'

export interface Link {
  tell(message: PageMessage): void
  /** Counts messages that could not be made or kept. */
  lose(count: number): void
  /** The binding is about to lead nowhere; what is told waits for the next one. */
  pause(): void
  /** Forgets what waits. */
  clear(): void
}

export function createLink(binding: string, waitingMost: number): Link {
  let call: ((text: string) => void) | undefined
  let waiting: PageMessage[] = []
  let lost = 0
  const send = (message: PageMessage): void => call?.(JSON.stringify(message))
  const tellLost = (): void => {
    if (lost === 0 || call === undefined) return
    const count = lost
    lost = 0
    send({ kind: 'lost', count })
  }
  const flush = (): void => {
    const messages = waiting
    waiting = []
    for (const message of messages) send(message)
    tellLost()
  }
  const adopt = (given: unknown): void => {
    if (typeof given !== 'function') return
    call = (text) => given(text)
    // Chromium takes calls only once the assignment is over.
    queueMicrotask(flush)
  }
  const existing: unknown = Object.getOwnPropertyDescriptor(globalThis, binding)?.value
  Object.defineProperty(globalThis, binding, { configurable: true, enumerable: false, set: adopt })
  adopt(existing)
  return {
    tell: (message) => {
      if (call !== undefined && waiting.length === 0) {
        send(message)
        tellLost()
      } else if (waiting.length < waitingMost) waiting.push(message)
      else lost++
    },
    lose: (count) => {
      lost += count
      if (waiting.length === 0) tellLost()
    },
    pause: () => {
      call = undefined
    },
    clear: () => {
      waiting = []
      lost = 0
    },
  }
}
