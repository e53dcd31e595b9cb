// What the server of one browser is started with: its command line, and what must not be seen there in its environment.
import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'
import { limits } from '@tabscope/schema'
import type { BrowserRecord } from './browser-record.ts'
import type { ControlOptions } from './config.ts'
import type { DestinationRecord } from './destinations.ts'

interface ServerPlaces extends Pick<ControlOptions, 'host' | 'chromium' | 'curl' | 'graceSeconds' | 'corsOrigins' | 'allowedHosts'> {
  readonly socketPath: string
  readonly eventsFolder: string
}

/** The options of `tabscope serve` for that browser. */
export function serverArguments(
  record: BrowserRecord,
  { host, chromium, curl, graceSeconds, corsOrigins = [], allowedHosts = [], socketPath, eventsFolder }: ServerPlaces,
): readonly string[] {
  return [
    'serve',
    ...['--host', host ?? '127.0.0.1', '--port', '0', '--browser-id', record.id],
    ...['--owner-socket', socketPath, '--idle-timeout', String(record.timeoutSeconds)],
    ...['--data', record.isStored ? eventsFolder : 'none'],
    ...['--headful', record.headless ? 'no' : 'yes'],
    ...['--telemetry', record.captured.length === 0 ? 'off' : record.captured.join(',')],
    ...['--log-limit', String(limits.browserLogBytes)],
    ...(curl === undefined ? [] : ['--curl', curl]),
    ...(graceSeconds === undefined ? [] : ['--owner-grace', String(graceSeconds)]),
    ...(record.destination === undefined ? [] : ['--otlp']),
    ...(chromium === undefined ? [] : ['--chromium', chromium]),
    // A page that may read the control plane goes to the browser's server directly as well.
    ...corsOrigins.flatMap((origin) => ['--allow-origin', origin]),
    ...allowedHosts.flatMap((name) => ['--allow-host', name]),
  ]
}

/** What only its environment may say. */
interface Secrets {
  readonly tokens: readonly string[]
  readonly isStored: boolean
  readonly destination: Pick<DestinationRecord, 'endpoint' | 'headers'> | undefined
}

// Meant for us, or for one server alone (but what /curl may ask for holds for all of them): with one stream's name all browsers would write into it.
const notHandedOn = /^(TABSCOPE_(?!CURL$)|OTEL_EXPORTER_OTLP_)|^(DISPLAY|S2_STREAM)$/

// Events of a browser that was created with storage off are kept nowhere, so not in S2 either.
const keepsEvents = /^S2_/

/** The environment of that server: ours, without what was meant for us, with its secrets. A browser with a window gets a display of its own. */
export function serverEnvironment(env: NodeJS.ProcessEnv, { tokens, destination, isStored }: Secrets): NodeJS.ProcessEnv {
  const kept = Object.entries(env).filter(([name]) => !notHandedOn.test(name) && (isStored || !keepsEvents.test(name)))
  return {
    ...Object.fromEntries(kept),
    TABSCOPE_TOKEN_SECRET: tokens.join('\n'),
    ...(destination === undefined ? {} : otlpVariables(destination)),
  }
}

/** As the OpenTelemetry specification names them. */
function otlpVariables({ endpoint, headers }: NonNullable<Secrets['destination']>): NodeJS.ProcessEnv {
  const pairs = Object.entries(headers).map(([name, value]) => `${name}=${encodeURIComponent(value)}`)
  return { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, OTEL_EXPORTER_OTLP_HEADERS: pairs.join(',') }
}

/** Whether a private display can be had. */
export function hasXvfb(env: NodeJS.ProcessEnv): boolean {
  return (env['PATH'] ?? '').split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, 'Xvfb'), constants.X_OK)
      return true
    } catch {
      // Not here; perhaps in the next folder.
      return false
    }
  })
}
