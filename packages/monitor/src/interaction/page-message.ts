// What the page script tells, one message a call of its binding. Types only; page-message-parser.ts checks what really comes.
// `at` is when it happened, in Unix milliseconds of the page's clock.

export const buttons = ['left', 'middle', 'right', 'back', 'forward'] as const
export const modifiers = ['alt', 'ctrl', 'meta', 'shift'] as const

export interface ClickMessage {
  readonly kind: 'click'
  readonly at: number
  readonly x: number
  readonly y: number
  readonly selector: string
  readonly tag: string
  readonly button?: (typeof buttons)[number]
  readonly text?: string
  readonly role?: string
  readonly name?: string
  readonly test_id?: string
}

export interface KeyMessage {
  readonly kind: 'key'
  readonly at: number
  readonly key: string
  readonly selector: string
  readonly tag: string
  readonly modifiers?: readonly (typeof modifiers)[number][]
}

export interface ScrollMessage {
  readonly kind: 'scroll'
  readonly at: number
  readonly from_x: number
  readonly from_y: number
  readonly to_x: number
  readonly to_y: number
  readonly target_selector: string
}

/** Events that were not told: too many at once, or no room before the binding came. */
export interface LostMessage {
  readonly kind: 'lost'
  readonly count: number
}

/** The script itself failed on an event. Says where and the kind of error, never its text: that may hold the page's data. */
export interface FailedMessage {
  readonly kind: 'failed'
  readonly where: string
  readonly error: string
}

export type PageMessage = ClickMessage | KeyMessage | ScrollMessage | LostMessage | FailedMessage
