// One event as one line for people: number, local time, category, type, and what is worth saying. Never longer than asked.
import type { Category, Envelope } from '@tabscope/schema'
import type { createColors } from 'picocolors'
import { summarise } from './summary.ts'
import { safeText, shorten } from './terminal-text.ts'

type Colors = ReturnType<typeof createColors>

export interface LineOptions {
  readonly colors: Colors
  /** Most characters of the line; whole words are not kept. */
  readonly width: number
}

const colorOf: Readonly<Partial<Record<Category, keyof Colors>>> = {
  console: 'yellow',
  network: 'cyan',
  page: 'green',
  interaction: 'magenta',
  monitor: 'dim',
}

/** The line, without a line end, safe to print. */
export function eventLine(envelope: Envelope, { colors, width }: LineOptions): string {
  const { seq, event } = envelope
  const head = `${String(seq).padStart(6)}  ${clockTime(event.ts)}`
  const type = safeText(String(event.type)).padEnd(30)
  const rest = shorten(safeText(summarise(envelope)), Math.max(10, width - head.length - type.length - 4))
  const paint = event.type === 'console_error' || event.type === 'network_loading_failed' ? colors.red : paintOf(event.category, colors)
  return `${colors.dim(head)}  ${paint(type)}  ${rest}`.trimEnd()
}

function paintOf(category: Category, colors: Colors): (text: string) => string {
  const color = colorOf[category]
  const paint = color === undefined ? undefined : colors[color]
  return typeof paint === 'function' ? paint : (text) => text
}

/** Local time of day to the millisecond. */
function clockTime(tsUs: number): string {
  const at = new Date(tsUs / 1000)
  const two = (value: number): string => String(value).padStart(2, '0')
  return `${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}.${String(at.getMilliseconds()).padStart(3, '0')}`
}
