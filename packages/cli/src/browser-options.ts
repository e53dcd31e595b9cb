// What `browsers create` and `update` are told on the command line, as a request.

import { type SettableCategory, settableCategories } from '@tabscope/schema'
import type { BrowserUpdateParams, TelemetryRequest } from '@tabscope/sdk'
import { type Command, InvalidArgumentError, Option } from 'commander'
import { parseLabel, parseTelemetry, parseViewport } from './option-values.ts'

export interface BrowserFlags {
  readonly name?: string
  readonly tag?: Readonly<Record<string, string>>
  readonly startUrl?: string
  readonly viewport?: { width: number; height: number; refresh_rate?: number }
  readonly telemetry?: TelemetryRequest
}

/** Adds the options that both commands share. */
export function addBrowserOptions(command: Command): Command {
  return command
    .option('--name <name>', 'a name to find it by')
    .addOption(new Option('--tag <key=value>', 'a tag; may be given again; update replaces all').argParser(parseLabel))
    .option('--start-url <url>', 'the page that it shows')
    .addOption(new Option('--viewport <size>', 'such as 1280x720, or 1280x720@30').argParser(parseViewport))
    .addOption(
      new Option(
        '--telemetry <what>',
        '`default` (control, connection, system, captcha), `all`, `off`, or categories: console,network,…',
      ).argParser(parseTelemetryRequest),
    )
}

/** The request that the flags stand for. */
export function browserRequest(flags: BrowserFlags): BrowserUpdateParams {
  return {
    ...(flags.name === undefined ? {} : { name: flags.name }),
    ...(flags.tag === undefined ? {} : { tags: { ...flags.tag } }),
    ...(flags.startUrl === undefined ? {} : { start_url: flags.startUrl }),
    ...(flags.viewport === undefined ? {} : { viewport: flags.viewport }),
    ...(flags.telemetry === undefined ? {} : { telemetry: flags.telemetry }),
  }
}

/** A list has no `enabled` of its own, so that it adds to what is captured instead of replacing it. */
function parseTelemetryRequest(text: string): TelemetryRequest {
  if (text === 'default') return { enabled: true }
  const what = parseTelemetry(text)
  if (what === 'off') return { enabled: false }
  if (what === 'all') return { enabled: true, browser: switchedOn(settableCategories) }
  if (what.length === 0) throw new InvalidArgumentError('Give default, all, off, or at least one category.')
  return { browser: switchedOn(what) }
}

function switchedOn(categories: readonly SettableCategory[]): NonNullable<TelemetryRequest['browser']> {
  return Object.fromEntries(categories.map((category) => [category, { enabled: true }]))
}
