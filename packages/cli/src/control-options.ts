// The options of a control plane on the command line and in the environment (TABSCOPE_*), and what they mean to `startControl`.
import type { ControlOptions, KeyChange } from '@tabscope/control'
import { readS2Variables } from '@tabscope/sinks'
import { type Command, InvalidArgumentError, Option } from 'commander'
import { parseCount, parseList, parsePort, parseSpanMs } from './option-values.ts'

interface Flags {
  readonly port: number
  readonly host: string
  readonly data: string
  readonly apiKey?: readonly string[]
  readonly chromium?: string
  readonly maxBrowsers?: number
  readonly rateLimit?: number
  readonly retention?: number
  readonly grace?: number
  readonly curl?: ControlOptions['curl']
  readonly region?: string
  readonly memory?: string
  readonly keys: KeyChange
  readonly allowHost?: readonly string[]
  readonly allowOrigin?: readonly string[]
}

/** Adds the options. */
export function addControlOptions(command: Command): Command {
  return command
    .addOption(
      new Option('--port <number>', 'port to listen on; 0 = any free one').env('TABSCOPE_CONTROL_PORT').argParser(parsePort).default(8400),
    )
    .addOption(
      new Option('--host <address>', 'address to listen on, here and for the servers of browsers')
        .env('TABSCOPE_CONTROL_HOST')
        .default('127.0.0.1'),
    )
    .addOption(
      new Option('--data <folder>', 'what is remembered, events included').env('TABSCOPE_CONTROL_DATA').default('.tabscope-control'),
    )
    .addOption(
      new Option(
        '--api-key <key>',
        'a key that lets requests in; may be given again. Better by environment. None = one is made and shown once',
      )
        .env('TABSCOPE_API_KEY')
        .argParser(parseList),
    )
    .addOption(new Option('--chromium <path>', 'the browser to launch; else CHROMIUM_PATH, else an installed one').env('TABSCOPE_CHROMIUM'))
    .addOption(new Option('--max-browsers <number>', 'most browsers at a time').env('TABSCOPE_MAX_BROWSERS').argParser(parseCount))
    .addOption(new Option('--rate-limit <number>', 'most requests a second').env('TABSCOPE_RATE_LIMIT').argParser(parseCount))
    .addOption(
      new Option('--retention <time>', 'how long ended browsers are kept: 12h, 30d').env('TABSCOPE_RETENTION').argParser(parseSpanMs),
    )
    .addOption(
      new Option('--grace <seconds>', 'how long browsers wait for a control plane that was killed')
        .env('TABSCOPE_GRACE')
        .argParser(parseCount),
    )
    .addOption(
      new Option('--curl <addresses>', 'what `curl` of a browser may ask for').env('TABSCOPE_CURL').choices(['public', 'any', 'off']),
    )
    .addOption(new Option('--region <name>', 'shown on every browser').env('TABSCOPE_REGION'))
    .addOption(new Option('--memory <size>', 'shown on every browser').env('TABSCOPE_MEMORY'))
    .addOption(
      new Option('--keys <what>', '`rotate`: sign new tokens with a new key; `revoke`: besides, take all old tokens back')
        .argParser(parseKeyChange)
        .default('keep'),
    )
    .addOption(new Option('--allow-host <name>', 'a further name of this machine in Host').env('TABSCOPE_ALLOW_HOST').argParser(parseList))
    .addOption(
      new Option('--allow-origin <origin>', 'an origin whose pages may read answers').env('TABSCOPE_ALLOW_ORIGIN').argParser(parseList),
    )
}

function parseKeyChange(text: string): KeyChange {
  if (text === 'keep' || text === 'rotate' || text === 'revoke') return text
  throw new InvalidArgumentError('Give one of: keep, rotate, revoke.')
}

/** What the given options mean. */
export function readControlOptions(command: Command): Omit<ControlOptions, 'program' | 'logger'> {
  const flags = command.opts<Flags>()
  return {
    port: flags.port,
    host: flags.host,
    dataDirectory: flags.data,
    keyChange: flags.keys,
    s2: readS2Variables(process.env),
    ...(flags.apiKey === undefined ? {} : { apiKeys: flags.apiKey }),
    ...(flags.chromium === undefined ? {} : { chromium: flags.chromium }),
    ...(flags.maxBrowsers === undefined ? {} : { mostBrowsers: flags.maxBrowsers }),
    ...(flags.rateLimit === undefined ? {} : { requestsPerSecond: flags.rateLimit }),
    ...(flags.retention === undefined ? {} : { retentionMs: flags.retention }),
    ...(flags.grace === undefined ? {} : { graceSeconds: flags.grace }),
    ...(flags.curl === undefined ? {} : { curl: flags.curl }),
    ...(flags.region === undefined ? {} : { region: flags.region }),
    ...(flags.memory === undefined ? {} : { memory: flags.memory }),
    ...(flags.allowHost === undefined ? {} : { allowedHosts: flags.allowHost }),
    ...(flags.allowOrigin === undefined ? {} : { corsOrigins: flags.allowOrigin }),
  }
}
