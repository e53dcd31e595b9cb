// The values of options, from text: each parser answers the value or refuses it by name, with what would be right.
import {
  type AttachMode,
  attachModes,
  type Category,
  categories,
  detailLevels,
  parseCategory,
  parseDurationUs,
  parseRfc3339Us,
  type SettableCategory,
  settableCategories,
} from '@tabscope/schema'
import type { BrowserOption, TelemetryOption } from '@tabscope/server'
import { InvalidArgumentError } from 'commander'

/** A port: 0 = any free one. */
export function parsePort(text: string): number {
  const port = /^[0-9]{1,5}$/.test(text) ? Number(text) : Number.NaN
  if (Number.isNaN(port) || port > 65_535) throw new InvalidArgumentError('Give a number from 0 (any free port) to 65535.')
  return port
}

/** `launch`, `none`, or where a running Chromium answers. */
export function parseBrowser(text: string): BrowserOption {
  if (text === 'launch' || text === 'none') return { at: text }
  const protocol = URL.canParse(text) ? new URL(text).protocol : undefined
  if (protocol !== undefined && ['http:', 'https:', 'ws:', 'wss:'].includes(protocol)) return { at: 'connect', endpoint: text }
  throw new InvalidArgumentError(
    'Give `launch`, `none`, http://HOST:PORT of a --remote-debugging-port, or the ws:// URL that Chromium printed.',
  )
}

/** `all`, `off`, or categories separated by commas. */
export function parseTelemetry(text: string): TelemetryOption {
  if (text === 'all' || text === 'off') return text
  return listOf(text).map((name) => {
    const category = settableCategories.find((known) => known === parseCategory(name))
    if (category === undefined)
      throw new InvalidArgumentError(
        `There is no category ${JSON.stringify(name)}. Give all, off, or some of: ${settableCategories.join(', ')}.`,
      )
    return category satisfies SettableCategory
  })
}

export function parseAttach(text: string): AttachMode {
  const mode = attachModes.find((known) => known === text)
  if (mode === undefined) throw new InvalidArgumentError(`Give one of: ${attachModes.join(', ')}.`)
  return mode
}

/** A page to open. May come several times, and separated by spaces. */
export function parseOpen(text: string, before: readonly string[] = []): readonly string[] {
  const urls = text.split(/\s+/).filter((url) => url !== '')
  const wrong = urls.find((url) => !URL.canParse(url))
  if (wrong !== undefined)
    throw new InvalidArgumentError(`${JSON.stringify(wrong)} is not a URL. Give a whole one, such as https://example.com/.`)
  return [...before, ...urls]
}

/** `name=value`. May come several times, and separated by commas. */
export function parseLabel(text: string, before: Readonly<Record<string, string>> = {}): Readonly<Record<string, string>> {
  const labels = listOf(text).map((label): [string, string] => {
    const at = label.indexOf('=')
    if (at < 1) throw new InvalidArgumentError(`${JSON.stringify(label)} is not name=value.`)
    return [label.slice(0, at), label.slice(at + 1)]
  })
  return { ...before, ...Object.fromEntries(labels) }
}

/** Values separated by commas. May come several times. */
export function parseList(text: string, before: readonly string[] = []): readonly string[] {
  return [...before, ...listOf(text)]
}

/** A number of things: 1 or more. */
export function parseCount(text: string): number {
  const count = /^[0-9]{1,9}$/.test(text) ? Number(text) : 0
  if (count < 1) throw new InvalidArgumentError('Give a number from 1.')
  return count
}

/** A span of time such as `90s`, `12h` or `30d`, in milliseconds. */
export function parseSpanMs(text: string): number {
  const spanUs = parseDurationUs(text)
  if (spanUs === undefined || spanUs <= 0) throw new InvalidArgumentError('Give a time such as 90s, 12h or 30d.')
  return spanUs / 1000
}

/** A number of seconds, in milliseconds. */
export function parseSecondsMs(text: string): number {
  return parseCount(text) * 1000
}

export function parseSeq(text: string): number {
  const seq = /^[0-9]{1,16}$/.test(text) ? Number(text) : Number.NaN
  if (!Number.isSafeInteger(seq) || seq < 1) throw new InvalidArgumentError('Give the number of an event: 1 or more.')
  return seq
}

/** A time in hours, at most a year. */
export function parseHours(text: string): number {
  const hours = /^[0-9]{1,4}(\.[0-9]{1,3})?$/.test(text) ? Number(text) : Number.NaN
  if (Number.isNaN(hours) || hours <= 0 || hours > 8784) throw new InvalidArgumentError('Give a number of hours, such as 8 or 0.5.')
  return hours
}

/** A count of events. */
export function parseLimit(text: string): number {
  const count = /^[0-9]{1,9}$/.test(text) ? Number(text) : 0
  if (count < 1) throw new InvalidArgumentError('Give a number of events from 1 to 999999999.')
  return count
}

/** A point in time in Unix microseconds: RFC 3339, or how long before `nowUs`. */
export function parseTime(text: string, nowUs: number): number {
  const durationUs = parseDurationUs(text.trim())
  const timeUs = durationUs === undefined ? parseRfc3339Us(text.trim()) : nowUs - durationUs
  if (timeUs !== undefined) return Math.max(0, timeUs)
  throw new InvalidArgumentError('Give a time such as 2026-01-31T12:00:00Z, or how long ago: 90s, 5m, 1h30m, 2d.')
}

export function parseDetail(text: string): string {
  if (!detailLevels.some((level) => level === text)) throw new InvalidArgumentError(`Give one of: ${detailLevels.join(', ')}.`)
  return text
}

/** The address of the stream, from a server's address: `127.0.0.1:10001`, `http://host:port/base` or the stream's own. */
export function parseStreamAddress(text: string): URL {
  const withScheme = /^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : `http://${text}`
  if (!URL.canParse(withScheme)) throw new InvalidArgumentError('Give the address of a server, such as http://127.0.0.1:10001.')
  const url = new URL(withScheme)
  if (url.protocol !== 'http:' && url.protocol !== 'https:')
    throw new InvalidArgumentError(`${url.protocol}// is not spoken here. Give an http:// or https:// address.`)
  if (!url.pathname.endsWith('/telemetry/stream')) url.pathname = `${url.pathname.replace(/\/$/, '')}/telemetry/stream`
  return url
}

/** Yes or no, in the words that people use; anything else would be a guess. */
export function parseYes(text: string): boolean {
  if (/^(1|true|yes|on)$/i.test(text)) return true
  if (/^(0|false|no|off|)$/i.test(text)) return false
  throw new InvalidArgumentError('Give yes or no.')
}

/** Categories to filter by, separated by commas: all that events have, also those that cannot be switched. */
export function parseCategories(text: string, before: readonly Category[] = []): readonly Category[] {
  const found = listOf(text).map((name) => {
    const category = parseCategory(name)
    if (category !== undefined) return category
    throw new InvalidArgumentError(`There is no category ${JSON.stringify(name)}. Give some of: ${categories.join(', ')}.`)
  })
  return [...before, ...found]
}

/** A whole number between two bounds. */
export function parseWhole(least: number, most: number): (text: string) => number {
  return (text) => {
    const value = /^[0-9]{1,16}$/.test(text) ? Number(text) : Number.NaN
    if (value >= least && value <= most) return value
    throw new InvalidArgumentError(`Give a number from ${least} to ${most}.`)
  }
}

/** `1280x720`, or with a refresh rate `1280x720@30`. */
export function parseViewport(text: string): { width: number; height: number; refresh_rate?: number } {
  const [, width, height, rate] = /^([0-9]{1,5})x([0-9]{1,5})(?:@([0-9]{1,3}))?$/.exec(text) ?? []
  if (width === undefined || height === undefined) throw new InvalidArgumentError('Give WIDTHxHEIGHT, such as 1280x720, or 1280x720@30.')
  return { width: Number(width), height: Number(height), ...(rate === undefined ? {} : { refresh_rate: Number(rate) }) }
}

function listOf(text: string): string[] {
  return text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')
}
