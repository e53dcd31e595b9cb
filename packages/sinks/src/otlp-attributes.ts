// Which attributes an OTLP log record gets from an event's data: a table. The names of the known deployment (`kernel.*`) stay, so that
// its dashboards work; beside them stand those of OpenTelemetry's semantic conventions that fit. Pure; it never cuts or sends.
// Follows https://opentelemetry.io/docs/specs/semconv/ (http, url, network, exception, browser, session).
import type { Category } from '@tabscope/schema'

export type AttributeValue = string | number | boolean | readonly string[]
export type EventData = Readonly<Record<string, unknown>>

/** What an attribute is taken from. */
export interface AttributeSource {
  readonly type: string
  readonly category: Category
  readonly data: EventData
}

interface Row {
  readonly attribute: string
  /** Only for these types or this category; absent = for every event that has the value. */
  readonly types?: readonly string[]
  readonly category?: Category
  readonly value: (data: EventData, source: AttributeSource) => AttributeValue | undefined
}

const requests = ['network_request', 'network_response', 'network_loading_failed', 'proxy_error']
const answers = ['network_response', 'proxy_error']

/** The table. */
export const attributeRows: readonly Row[] = [
  { attribute: 'http.request.method', types: requests, value: (data) => text(data['method']) },
  { attribute: 'http.response.status_code', types: answers, value: (data) => integer(data['status']) },
  // CDP counts the headers too, which is what this convention means; `http.response.body.size` would not be true.
  { attribute: 'http.response.size', types: answers, value: (data) => integer(data['encoded_bytes']) },
  { attribute: 'url.full', value: (data) => text(data['url']) },
  { attribute: 'server.address', types: requests, value: (data) => urlOf(data)?.hostname.replace(/^\[|\]$/g, '') || undefined },
  { attribute: 'server.port', types: requests, value: (data) => portOf(urlOf(data)) },
  { attribute: 'network.peer.address', types: answers, value: (data) => text(data['remote_ip']) },
  { attribute: 'network.peer.port', types: answers, value: (data) => integer(data['remote_port']) },
  { attribute: 'network.protocol.name', types: answers, value: (data) => protocolOf(data)?.name },
  { attribute: 'network.protocol.version', types: answers, value: (data) => protocolOf(data)?.version },
  { attribute: 'user_agent.original', types: requests, value: (data) => text(requestHeader(data, 'user-agent')) },
  { attribute: 'browser.mobile', types: requests, value: (data) => mobileOf(requestHeader(data, 'sec-ch-ua-mobile')) },
  { attribute: 'browser.platform', types: requests, value: (data) => unquoted(requestHeader(data, 'sec-ch-ua-platform')) },
  { attribute: 'browser.language', types: requests, value: (data) => text(requestHeader(data, 'accept-language'))?.split(/[,;]/)[0] },
  { attribute: 'error.type', value: errorType },
  { attribute: 'kernel.proxy_error_code', types: ['proxy_error'], value: (data) => text(data['code']) },
  { attribute: 'kernel.console.level', category: 'console', value: (data) => text(data['level']) },
  { attribute: 'exception.type', types: ['console_error'], value: (data) => exceptionOf(data)?.type },
  { attribute: 'exception.message', types: ['console_error'], value: (data) => exceptionOf(data)?.message },
  { attribute: 'exception.stacktrace', types: ['console_error'], value: (data) => exceptionOf(data)?.stack },
]

/** The attributes of the table that this event has a value for. */
export function attributesOf(source: AttributeSource): [string, AttributeValue][] {
  return attributeRows.flatMap(({ attribute, types, category, value }): [string, AttributeValue][] => {
    if (types !== undefined && !types.includes(source.type)) return []
    if (category !== undefined && category !== source.category) return []
    const found = value(source.data, source)
    return found === undefined ? [] : [[attribute, found]]
  })
}

/** A text that says something. Numbers and objects are not guessed at: the data may come from anybody. */
function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined
}

function integer(value: unknown): number | undefined {
  return Number.isSafeInteger(value) ? (value as number) : undefined
}

function isObject(value: unknown): value is EventData {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function urlOf(data: EventData): URL | undefined {
  const url = text(data['url'])
  return url !== undefined && /^(https?|wss?):/i.test(url) && URL.canParse(url) ? new URL(url) : undefined
}

function portOf(url: URL | undefined): number | undefined {
  if (url === undefined) return undefined
  if (url.port !== '') return Number(url.port)
  return url.protocol === 'https:' || url.protocol === 'wss:' ? 443 : 80
}

// Chromium says `http/1.1`, `h2`, `h3`; what else there is (`blob`, `data`) is no protocol of a network.
function protocolOf(data: EventData): { readonly name: string; readonly version: string } | undefined {
  const match = /^(?:http\/|h)([0-9.]+)$/i.exec(text(data['protocol']) ?? '')
  return match?.[1] === undefined ? undefined : { name: 'http', version: match[1] }
}

// With the response come the headers on the wire; with the request those that Chromium meant to send.
function requestHeader(data: EventData, name: string): unknown {
  const headers = isObject(data['request_headers']) ? data['request_headers'] : 'status' in data ? undefined : data['headers']
  if (!isObject(headers)) return undefined
  return Object.entries(headers).find(([key]) => key.toLowerCase() === name)?.[1]
}

function mobileOf(value: unknown): boolean | undefined {
  return value === '?1' ? true : value === '?0' ? false : undefined
}

function unquoted(value: unknown): string | undefined {
  return text(text(value)?.replace(/^"(.*)"$/, '$1'))
}

/** As the conventions say for HTTP clients: the failure's name, or the status of an answer that is an error. */
function errorType(data: EventData, { type }: AttributeSource): string | undefined {
  if (type === 'network_loading_failed' || type === 'page_navigation_failed') return text(data['error_text'])
  const status = type === 'network_response' ? integer(data['status']) : undefined
  return status !== undefined && status >= 400 ? String(status) : undefined
}

interface Exception {
  readonly type: string | undefined
  readonly message: string
  readonly stack: string | undefined
}

// A thrown text has no type, although `Uncaught Failed: why` looks as if it had: what Chromium says does not tell them apart.
const thrown = /^Uncaught (?:\(in promise\) ?)?(?:([A-Z][\w$.]*(?=: )|\w*(?:Error|Exception)(?=$))(?:: )?)?/

/** What was thrown and not caught; undefined for a mere `console.error`, which alone has a `level`. */
function exceptionOf(data: EventData): Exception | undefined {
  const said = text(data['text'])
  const match = said === undefined || data['level'] !== undefined ? null : thrown.exec(said)
  if (said === undefined || match === null) return undefined
  return { type: match[1], message: said.slice(match[0].length), stack: stackOf(data['stack_trace']) }
}

/** As a stack is written in JavaScript: lines and columns count from 1, CDP's from 0. */
function stackOf(trace: unknown): string | undefined {
  const frames = isObject(trace) && Array.isArray(trace['callFrames']) ? trace['callFrames'].filter(isObject) : []
  const lines = frames.map(({ functionName, url, lineNumber, columnNumber }) => {
    const place = `${text(url) ?? '<anonymous>'}:${(integer(lineNumber) ?? -1) + 1}:${(integer(columnNumber) ?? -1) + 1}`
    return `    at ${text(functionName) === undefined ? place : `${text(functionName)} (${place})`}`
  })
  return lines.length === 0 ? undefined : lines.join('\n')
}
