// A line of a segment back into a record, without parsing all of it: what filters ask for stands in the head of the line, in
// the order in which serialise.ts writes it. A head that looks different (escapes, another order) is parsed as JSON instead.
import type { Category, DetailLevel, EventRecord, SourceKind } from '@tabscope/schema'
import { targetIdOf } from './record.ts'

// Long enough for every head of our own making; a longer one takes the slow way.
const headBytes = 1024
const head =
  /^\{"seq":(\d+),"capture_session_id":"[^"\\]*","event":\{"ts":(\d+),"type":"([ !#-[\]-~]*)","category":"([a-z]*)","detail_level":"([a-z]*)","source":\{"kind":"([a-z_]*)"(?:,"event":"[^"\\]*")?(?:,"metadata":\{([^{}]*)\})?\}/
const targetKey = Buffer.from('"target_id":')
// Only a key: inside a longer key or a value its first quote would have a backslash before it.
const targetInMetadata = /(?<!\\)"target_id":"([ !#-[\]-~]*)"/

interface ParsedLine {
  readonly seq: number
  readonly event: {
    readonly ts: number
    readonly type: string
    readonly category: Category
    readonly detail_level: DetailLevel
    readonly source: { readonly kind: SourceKind; readonly metadata?: Readonly<Record<string, unknown>> }
    readonly data?: unknown
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null
}

function isEnvelope(value: unknown): value is ParsedLine {
  if (!isObject(value) || !Number.isSafeInteger(value['seq']) || !isObject(value['event'])) return false
  const { ts, type, source } = value['event']
  return Number.isSafeInteger(ts) && typeof type === 'string' && isObject(source) && typeof source['kind'] === 'string'
}

/** The record of a line after checking all of it as JSON; undefined when it is not a whole envelope. */
export function parseWholeLine(bytes: Buffer): EventRecord | undefined {
  let parsed: unknown
  try {
    parsed = JSON.parse(bytes.toString('utf8'))
  } catch {
    // The caller counts damaged lines; here it is an expected outcome.
    return undefined
  }
  if (!isEnvelope(parsed)) return undefined
  const { seq, event } = parsed
  return {
    seq,
    tsUs: event.ts,
    type: event.type,
    category: event.category,
    sourceKind: event.source.kind,
    targetId: targetIdOf(event.source.metadata, event.data),
    detailLevel: event.detail_level,
    bytes,
  }
}

/** The record of a line whose bytes are known to be good; undefined when it is not an envelope after all. */
export function parseLine(bytes: Buffer): EventRecord | undefined {
  const match = head.exec(bytes.toString('latin1', 0, headBytes))
  if (match === null) return parseWholeLine(bytes)
  const metadata = match[7]
  const targetId = metadata === undefined ? undefined : targetInMetadata.exec(metadata)?.[1]
  if (targetId === undefined && bytes.includes(targetKey)) return parseWholeLine(bytes)
  return {
    seq: Number(match[1]),
    tsUs: Number(match[2]),
    type: match[3] ?? '',
    category: match[4] as Category,
    sourceKind: match[6] as SourceKind,
    targetId,
    detailLevel: match[5] as DetailLevel,
    bytes,
  }
}
