// Browsers and events as text for people. Every string in them is written by strangers, and made safe before it is printed.
import { settableCategories } from '@tabscope/schema'
import type { Browser, Envelope } from '@tabscope/sdk'
import Table from 'cli-table3'
import pico from 'picocolors'
import { summarise } from './summary.ts'
import { safeText, shorten } from './terminal-text.ts'

/** Which categories are captured, as the server resolved them. */
export function describeTelemetry({ telemetry }: Browser): string {
  const enabled = settableCategories.filter((category) => telemetry?.browser?.[category]?.enabled === true)
  return enabled.length === 0 ? 'Telemetry: disabled' : `Telemetry capturing: ${enabled.join(', ')}`
}

/** A browser in full, one fact a line. */
export function describeBrowser(browser: Browser): string {
  const facts: readonly (readonly [string, unknown])[] = [
    ['Browser', browser.session_id],
    ['Name', browser.name],
    ['Tags', tagsOf(browser)],
    ['Created', browser.created_at],
    ['Ended', browser.deleted_at],
    ['Window', browser.headless ? 'headless' : 'headful'],
    ['Ends after', `${browser.timeout_seconds} s without activity`],
    ['Server', browser.base_url],
    ['DevTools', browser.deleted_at === undefined ? browser.cdp_ws_url : undefined],
  ]
  const lines = facts
    .filter(([, value]) => value !== undefined && value !== '')
    .map(([name, value]) => `${pico.dim(name.padEnd(12))}${safeText(String(value))}`)
  return [...lines, describeTelemetry(browser)].join('\n')
}

/** Browsers as a table. */
export function browserTable(browsers: readonly Browser[]): string {
  const table = newTable(['Browser', 'Name', 'Created', 'State', 'Captures', 'Tags'])
  for (const browser of browsers) {
    const captures = describeTelemetry(browser).replace(/^.*?: /, '')
    const state = browser.deleted_at === undefined ? 'active' : `ended ${browser.deleted_at}`
    table.push([browser.session_id, browser.name ?? '', browser.created_at, state, captures, tagsOf(browser)].map(safeText))
  }
  return table.toString()
}

/** Events as a table; `width` is that of the screen. */
export function eventTable(envelopes: readonly Envelope[], width: number): string {
  const table = newTable(['Seq', 'Time', 'Category', 'Type', ''])
  for (const envelope of envelopes) {
    const { seq, event } = envelope
    const about = shorten(safeText(summarise(envelope)), Math.max(20, width - 85))
    table.push([String(seq), localTime(event.ts), safeText(event.category), safeText(event.type), about])
  }
  return table.toString()
}

function tagsOf({ tags = {} }: Browser): string {
  return Object.entries(tags)
    .map(([key, value]) => `${key}=${value}`)
    .join(', ')
}

/** Lines between rows and at the sides say nothing; columns do. */
const plainLines = Object.fromEntries(
  [
    'top',
    'top-mid',
    'top-left',
    'top-right',
    'bottom',
    'bottom-mid',
    'bottom-left',
    'bottom-right',
    'left',
    'left-mid',
    'mid',
    'mid-mid',
    'right',
    'right-mid',
  ].map((name) => [name, '']),
)

function newTable(head: readonly string[]): Table.Table {
  return new Table({
    head: head.map((name) => pico.bold(name)),
    chars: { ...plainLines, middle: '  ' },
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0 },
  })
}

/** Local date and time to the second; `ts` in microseconds. */
function localTime(tsUs: number): string {
  const at = new Date(tsUs / 1000)
  const two = (value: number): string => String(value).padStart(2, '0')
  const day = `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`
  return `${day} ${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`
}
