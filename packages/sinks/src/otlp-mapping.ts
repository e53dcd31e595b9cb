// One event as one OTLP log record. Pure: the same event gives the same record. It neither sends nor knows the collector.
// Follows the OpenTelemetry log data model; which attributes there are is otlp-attributes.ts.
import { type Category, type EventRecord, limits } from '@tabscope/schema'
import { type AttributeValue, attributesOf, type EventData } from './otlp-attributes.ts'
import { cutBody, cutText } from './otlp-cut.ts'

/** A log record before it knows its resource and scope. */
export interface OtlpRecord {
  readonly timeUs: number
  readonly eventName: string
  readonly severity: Severity
  /** The event's data as a map; undefined when there is none. */
  readonly body: unknown
  readonly attributes: Readonly<Record<string, AttributeValue>>
}

/** Names and numbers of the log data model. */
export type Severity = { readonly text: 'DEBUG' | 'INFO' | 'WARN' | 'ERROR'; readonly number: 5 | 9 | 13 | 17 }

const debug: Severity = { text: 'DEBUG', number: 5 }
const info: Severity = { text: 'INFO', number: 9 }
const warn: Severity = { text: 'WARN', number: 13 }
const error: Severity = { text: 'ERROR', number: 17 }

/**
 * These categories are not exported. Pictures are no log; and what is said about this very export (`sink_refused`) must not be sent by
 * it, or each refusal would make the next.
 */
export const notExported: ReadonlySet<Category> = new Set<Category>(['screenshot', 'monitor'])

interface ParsedEnvelope {
  readonly capture_session_id?: string
  readonly event: {
    readonly source: { readonly kind: string; readonly event?: string; readonly metadata?: Readonly<Record<string, string>> }
    readonly data?: unknown
    readonly truncated?: boolean
  }
}

/** The record of an event, or undefined when it is not exported. */
export function otlpRecordOf(record: EventRecord): OtlpRecord | undefined {
  if (notExported.has(record.category)) return undefined
  const { capture_session_id: captureSessionId, event } = parseEnvelope(record.bytes)
  const data = dataOf(event.data)
  const { body, isCut } = cutBody(event.data ?? undefined)
  const { source } = event
  const attributes: Record<string, AttributeValue | undefined> = {
    // First, so that no label of a producer can stand for one of ours.
    ...Object.fromEntries(Object.entries(source.metadata ?? {}).map(([key, value]) => [`kernel.${key}`, value])),
    'kernel.event.type': record.type,
    'kernel.event.category': record.category,
    'kernel.event.seq': record.seq,
    'kernel.detail_level': record.detailLevel,
    'kernel.source.kind': source.kind,
    'kernel.source.event': source.event,
    'kernel.truncated': event.truncated === true || isCut ? true : undefined,
    'session.id': captureSessionId,
    ...Object.fromEntries(attributesOf({ type: record.type, category: record.category, data })),
  }
  return {
    timeUs: record.tsUs,
    eventName: record.type,
    severity: severityOf(record.type, data),
    body,
    attributes: withinBounds(attributes),
  }
}

/** Our own lines, written by the log: their shape is known. */
function parseEnvelope(bytes: Uint8Array): ParsedEnvelope {
  return JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('utf8')) as ParsedEnvelope
}

function dataOf(data: unknown): EventData {
  return typeof data === 'object' && data !== null && !Array.isArray(data) ? (data as EventData) : {}
}

const errors: ReadonlySet<string> = new Set(['console_error', 'service_crashed', 'system_oom_kill', 'page_crashed'])

function severityOf(type: string, data: EventData): Severity {
  if (errors.has(type) || (type === 'proxy_error' && data['resource_type'] === 'Document')) return error
  if (type === 'proxy_error' || type.endsWith('_failed')) return warn
  if (type !== 'console_log') return info
  return data['level'] === 'warning' ? warn : data['level'] === 'debug' ? debug : info
}

function withinBounds(attributes: Readonly<Record<string, AttributeValue | undefined>>): Record<string, AttributeValue> {
  const kept = Object.entries(attributes).flatMap(([key, value]): [string, AttributeValue][] => {
    if (value === undefined) return []
    return [[key, typeof value === 'string' ? cutText(value, limits.otlpAttributeBytes) : value]]
  })
  return Object.fromEntries(kept)
}
