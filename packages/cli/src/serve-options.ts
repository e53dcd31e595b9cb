// The options of a server on the command line and in the environment (TABSCOPE_*), and what they mean to `serve`.
import type { AttachMode } from '@tabscope/schema'
import type { BrowserOption, ServeOptions, TelemetryOption } from '@tabscope/server'
import { readS2Variables } from '@tabscope/sinks'
import { type Command, Option } from 'commander'
import { type AccessFlags, addAccessOptions, readAccessOptions } from './access-options.ts'
import {
  parseAttach,
  parseBrowser,
  parseCount,
  parseLabel,
  parseOpen,
  parsePort,
  parseSecondsMs,
  parseTelemetry,
  parseYes,
} from './option-values.ts'
import { addOtlpOption, type OtlpFlags, readOtlpOption } from './otlp-option.ts'
import { addStorageOptions, readStorageOptions, type StorageFlags } from './storage-options.ts'

interface Flags extends AccessFlags, StorageFlags, OtlpFlags {
  readonly port: number
  readonly host: string
  readonly browser: BrowserOption
  readonly headful: boolean
  readonly chromium?: string
  readonly telemetry: TelemetryOption
  readonly attach: AttachMode
  readonly open?: readonly string[]
  readonly ownerSocket?: string
  readonly ownerGrace?: number
  readonly idleTimeout?: number
  readonly label?: Readonly<Record<string, string>>
}

/** Adds the options that `serve` and `start` share. */
export function addServeOptions(command: Command): Command {
  return addOtlpOption(addStorageOptions(addAccessOptions(command)))
    .addOption(
      new Option('--port <number>', 'port to listen on; 0 = any free one').env('TABSCOPE_PORT').argParser(parsePort).default(10_001),
    )
    .addOption(new Option('--host <address>', 'address to listen on').env('TABSCOPE_HOST').default('127.0.0.1'))
    .addOption(
      new Option('--browser <where>', '`launch` a Chromium, `none`, or the DevTools URL (http:// or ws://) of a running one')
        .env('TABSCOPE_BROWSER')
        .argParser(parseBrowser)
        .default({ at: 'launch' } satisfies BrowserOption, 'launch'),
    )
    .addOption(
      new Option('--headful [yes-or-no]', 'show the browser: on DISPLAY, else on a private Xvfb')
        .env('TABSCOPE_HEADFUL')
        .argParser(parseYes)
        .preset('yes')
        .default(false),
    )
    .addOption(new Option('--chromium <path>', 'the browser to launch; else CHROMIUM_PATH, else an installed one').env('TABSCOPE_CHROMIUM'))
    .addOption(
      new Option('--telemetry <what>', '`all`, `off`, or categories: console,network,page,…')
        .env('TABSCOPE_TELEMETRY')
        .argParser(parseTelemetry)
        .default('all'),
    )
    .addOption(
      new Option('--attach <mode>', '`passive` never holds a page, `complete` misses nothing')
        .env('TABSCOPE_ATTACH')
        .argParser(parseAttach)
        .default('passive'),
    )
    .addOption(new Option('--owner-socket <path>', 'the control plane that owns this server: it ends when that is gone').hideHelp())
    .addOption(new Option('--owner-grace <seconds>', 'how long it may be gone').argParser(parseSecondsMs).hideHelp())
    .addOption(
      new Option('--log-limit <bytes>', 'cut the file that standard error goes to above that; it must be open for reading too')
        .argParser(parseCount)
        .hideHelp(),
    )
    .addOption(
      new Option('--idle-timeout <seconds>', 'end when nobody used the browser for so long')
        .env('TABSCOPE_IDLE_TIMEOUT')
        .argParser(parseSecondsMs),
    )
    .addOption(new Option('--open <url>', 'a page to open; may be given again').env('TABSCOPE_OPEN').argParser(parseOpen))
    .addOption(new Option('--label <name=value>', 'a label for the state; may be given again').env('TABSCOPE_LABEL').argParser(parseLabel))
}

/** What the given options mean. */
export function readServeOptions(command: Command): ServeOptions {
  const flags = command.opts<Flags>()
  const launch = { ...(flags.chromium === undefined ? {} : { chromium: flags.chromium }), headful: flags.headful }
  return {
    port: flags.port,
    host: flags.host,
    browser: flags.browser.at === 'launch' ? { at: 'launch', ...launch } : flags.browser,
    telemetry: flags.telemetry,
    s2: readS2Variables(process.env),
    attachMode: flags.attach,
    ...readAccessOptions(flags),
    ...readStorageOptions(flags),
    ...readOtlpOption(flags),
    ...(flags.ownerSocket === undefined ? {} : { ownerSocket: flags.ownerSocket }),
    ...(flags.ownerGrace === undefined ? {} : { ownerGraceMs: flags.ownerGrace }),
    ...(flags.idleTimeout === undefined ? {} : { idleTimeoutMs: flags.idleTimeout }),
    ...(flags.open === undefined ? {} : { openUrls: flags.open }),
    ...(flags.label === undefined ? {} : { labels: flags.label }),
  }
}
