// Where OTLP goes, from the environment variables of the OpenTelemetry specification. Header values are secrets: they are in no error and
// in nothing that is shown. It connects to nothing.
// Follows https://opentelemetry.io/docs/specs/otel/protocol/exporter/ for OTLP over HTTP.
import { TelemetryError } from '@tabscope/schema'

/** What goes there. Traces and metrics will be further rows. */
export const otlpSignals = { logs: { path: 'v1/logs', variable: 'LOGS' } } as const
export type OtlpSignal = keyof typeof otlpSignals

export interface OtlpConfig {
  /** Where requests go to, path included; never with user information. */
  readonly url: URL
  /** Sent with each request. Secrets: for the transport only. */
  readonly headers: Readonly<Record<string, string>>
  readonly compression: 'gzip' | 'none'
  /** How long one request may take. */
  readonly timeoutMs: number
  /** `service.name` and what else the environment says about this process. */
  readonly resource: Readonly<Record<string, string>>
}

/** Whether there is a collector, and if not, why. */
export type OtlpChoice = { readonly at: 'on'; readonly config: OtlpConfig } | { readonly at: 'off'; readonly reason: string }

type Environment = Readonly<Record<string, string | undefined>>

const defaultTimeoutMs = 10_000
const longestTimeoutMs = 600_000

/**
 * The configuration for a signal; undefined when no endpoint is named: then there is no export.
 * Throws `otlp_bad_config` naming the variable, never its value when that may be a secret.
 */
export function otlpConfigFrom(environment: Environment, signal: OtlpSignal = 'logs'): OtlpConfig | undefined {
  const { path, variable } = otlpSignals[signal]
  const read = (name: string): Setting => setting(environment, variable, name)
  const endpoint = read('ENDPOINT')
  if (endpoint.value === undefined) return undefined
  refuseOtherProtocols(read('PROTOCOL'))
  return {
    url: urlOf(endpoint, path),
    headers: headersOf(read('HEADERS'), credentialsOf(endpoint)),
    compression: compressionOf(read('COMPRESSION')),
    timeoutMs: timeoutOf(read('TIMEOUT')),
    resource: resourceOf(environment),
  }
}

/**
 * The choice for logs. Variables that cannot be used are a reason and no error: they may be there for other programs, and count
 * only when somebody asks for the export.
 */
export function readOtlpVariables(environment: Environment): OtlpChoice {
  try {
    const config = otlpConfigFrom(environment)
    return config === undefined ? { at: 'off', reason: 'OTEL_EXPORTER_OTLP_ENDPOINT is not set' } : { at: 'on', config }
  } catch (error) {
    if (error instanceof TelemetryError) return { at: 'off', reason: error.message.replace(/\.$/, '') }
    throw error
  }
}

interface Setting {
  readonly variable: string
  readonly value: string | undefined
  /** Whether it was set for this signal alone. */
  readonly isOwn: boolean
}

/** The signal's own variable wins. An empty one counts as not set. */
function setting(environment: Environment, signal: string, name: string): Setting {
  const own = `OTEL_EXPORTER_OTLP_${signal}_${name}`
  const shared = `OTEL_EXPORTER_OTLP_${name}`
  const ownValue = blankAsAbsent(environment[own])
  if (ownValue !== undefined) return { variable: own, value: ownValue, isOwn: true }
  return { variable: shared, value: blankAsAbsent(environment[shared]), isOwn: false }
}

function blankAsAbsent(value: string | undefined): string | undefined {
  const trimmed = value?.trim()
  return trimmed === '' ? undefined : trimmed
}

function parsedUrl({ variable, value = '' }: Setting): URL {
  const url = URL.canParse(value) ? new URL(value) : undefined
  if (url === undefined || (url.protocol !== 'http:' && url.protocol !== 'https:')) {
    throw new TelemetryError('otlp_bad_config', { variable, problem: 'is not an http:// or https:// URL' })
  }
  return url
}

/** The signal's own URL is used as it is; the shared one is a base for the paths of all signals. */
function urlOf(endpoint: Setting, path: string): URL {
  const url = parsedUrl(endpoint)
  url.username = ''
  url.password = ''
  url.hash = ''
  if (!endpoint.isOwn) url.pathname = `${url.pathname.replace(/\/+$/, '')}/${path}`
  return url
}

/** `user:password@` of the endpoint becomes a header: `fetch` refuses such URLs, and URLs end up in logs. */
function credentialsOf(endpoint: Setting): Readonly<Record<string, string>> {
  const { username, password } = parsedUrl(endpoint)
  if (username === '' && password === '') return {}
  const pair = `${percentDecoded(username) ?? username}:${percentDecoded(password) ?? password}`
  return { authorization: `Basic ${Buffer.from(pair).toString('base64')}` }
}

const headerName = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/
// What would break out of the header's line, or what `fetch` refuses. Tested here, because its own error quotes the value.
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
const badInHeader = /[\u0000-\u0008\u000a-\u001f\u007f]|[^\u0000-\u00ff]/

/** `name=value,name=value`; values may be percent-encoded. */
function headersOf({ variable, value }: Setting, base: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const headers: Record<string, string> = { ...base }
  for (const pair of (value ?? '').split(',').filter((part) => part.trim() !== '')) {
    const at = pair.indexOf('=')
    const name = pair.slice(0, Math.max(0, at)).trim()
    const decoded = percentDecoded(pair.slice(at + 1).trim())
    if (at < 1 || !headerName.test(name) || decoded === undefined || badInHeader.test(decoded)) {
      throw new TelemetryError('otlp_bad_config', { variable, problem: 'is not a list of name=value pairs, percent-encoded where needed' })
    }
    headers[name.toLowerCase()] = decoded
  }
  return headers
}

function percentDecoded(value: string): string | undefined {
  try {
    return decodeURIComponent(value)
  } catch {
    // A lone `%`: the caller names the variable.
    return undefined
  }
}

function refuseOtherProtocols({ variable, value }: Setting): void {
  if (value === undefined || value === 'http/protobuf') return
  throw new TelemetryError('otlp_bad_config', {
    variable,
    problem: `asks for ${JSON.stringify(value.slice(0, 32))}; http/protobuf is what is spoken`,
  })
}

function compressionOf({ variable, value }: Setting): 'gzip' | 'none' {
  if (value === undefined || value === 'none') return 'none'
  if (value === 'gzip') return 'gzip'
  throw new TelemetryError('otlp_bad_config', {
    variable,
    problem: `asks for ${JSON.stringify(value.slice(0, 32))}; gzip and none are known`,
  })
}

function timeoutOf({ variable, value }: Setting): number {
  if (value === undefined) return defaultTimeoutMs
  const timeoutMs = /^[0-9]{1,9}$/.test(value) ? Number(value) : 0
  if (timeoutMs < 1 || timeoutMs > longestTimeoutMs) {
    throw new TelemetryError('otlp_bad_config', { variable, problem: `is not a number of milliseconds from 1 to ${longestTimeoutMs}` })
  }
  return timeoutMs
}

/** `OTEL_SERVICE_NAME` wins over `service.name` in `OTEL_RESOURCE_ATTRIBUTES`. */
function resourceOf(environment: Environment): Readonly<Record<string, string>> {
  const variable = 'OTEL_RESOURCE_ATTRIBUTES'
  const pairs = (blankAsAbsent(environment[variable]) ?? '').split(',').filter((part) => part.trim() !== '')
  const named = pairs.map((pair): [string, string] => {
    const at = pair.indexOf('=')
    const value = percentDecoded(pair.slice(at + 1).trim())
    if (at < 1 || value === undefined)
      throw new TelemetryError('otlp_bad_config', { variable, problem: 'is not a list of name=value pairs' })
    return [pair.slice(0, at).trim(), value]
  })
  const serviceName = blankAsAbsent(environment['OTEL_SERVICE_NAME'])
  return { 'service.name': 'tabscope', ...Object.fromEntries(named), ...(serviceName === undefined ? {} : { 'service.name': serviceName }) }
}
