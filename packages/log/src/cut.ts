// Makes a draft fit the largest record, tier by tier: what is large and worth least goes first. Fields that the published
// contract requires survive every tier, and a picture is never cut. Only called for the rare event that is too large.
import { definitionOf, fieldsOf, limits } from '@tabscope/schema'
import { type Draft, type Place, serialise } from './serialise.ts'
import { jsonBytes, shorten, shortenText } from './shorten.ts'

/** Fields of `data` by tier, in the order in which they are given up. */
const tiers: readonly (readonly string[])[] = [
  ['cdp'],
  ['body'],
  ['post_data'],
  ['args', 'args_preview', 'stack_trace', 'initiator_stack'],
  ['headers', 'request_headers'],
]

// Half a PNG is no picture: an event whose picture does not fit loses it as a whole.
const neverCut = new Set(['png'])

type Data = Readonly<Record<string, unknown>>

function isData(value: unknown): value is Data {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function requiredFields(type: string): ReadonlySet<string> {
  const definition = definitionOf(type)
  if (definition === undefined) return new Set()
  return new Set(fieldsOf(definition).flatMap((field) => (field.required ? [field.name] : [])))
}

function excessBytes(draft: Draft, place: Place): number {
  return Buffer.byteLength(serialise(draft, place)) - limits.recordBytes
}

function withCutField(data: Data, field: string): Data {
  const known = Array.isArray(data['truncated_fields']) ? data['truncated_fields'] : []
  return { ...data, truncated_fields: known.includes(field) ? known : [...known, field] }
}

// One field shortened by what is too much. The name in `truncated_fields` is there before measuring, so that it is counted.
function cutField(draft: Draft, place: Place, field: string): Draft | undefined {
  if (!isData(draft.data) || draft.data[field] === undefined) return undefined
  const named = { ...draft, data: withCutField(draft.data, field), truncated: true }
  const before = named.data[field]
  const after = shorten(before, jsonBytes(before) - excessBytes(named, place))
  const { [field]: _, ...rest } = named.data
  return { ...named, data: after === undefined ? rest : { ...named.data, [field]: after } }
}

// Short values first; the long ones share what is left equally.
function shareAmong(values: Data, names: readonly string[], maxBytes: number): Data | undefined {
  const kept: Record<string, unknown> = {}
  const bySize = names.map((name) => ({ name, bytes: jsonBytes(values[name]) })).sort((one, other) => one.bytes - other.bytes)
  let left = maxBytes - bySize.reduce((sum, { name }) => sum + jsonBytes(name) + 2, 2)
  for (const [index, { name, bytes }] of bySize.entries()) {
    const share = Math.floor(left / (bySize.length - index))
    const value = values[name]
    if (bytes > share && neverCut.has(name)) return undefined
    kept[name] = bytes <= share ? value : typeof value === 'string' ? shortenText(value, share) : shorten(value, share)
    left -= jsonBytes(kept[name])
  }
  return kept
}

// The tier "all of data": what the contract requires stays, shortened; without such fields, or when they cannot be kept, null.
function cutData(draft: Draft, place: Place): Draft {
  const bare = { ...draft, data: null, truncated: true } as Draft
  if (!isData(draft.data)) return bare
  const { data } = draft
  const required = requiredFields(draft.type)
  const names = Object.keys(data).filter((name) => required.has(name))
  if (names.length === 0 && definitionOf(draft.type)?.dataRequired !== true) return bare
  const cutNames = Object.keys(data).filter((name) => name !== 'truncated_fields' && (!required.has(name) || jsonBytes(data[name]) > 256))
  const truncated_fields = shorten(cutNames, 4096)
  const available = -excessBytes({ ...bare, data: { truncated_fields } } as Draft, place)
  const kept = shareAmong(data, names, available)
  return kept === undefined ? bare : ({ ...bare, data: { ...kept, truncated_fields } } as Draft)
}

// Last tier. What is left has names of bounded length only.
function cutMetadata(draft: Draft): Draft {
  const { metadata: _, ...source } = draft.source
  return { ...draft, source, truncated: true }
}

/** A draft that is too large, with as much taken away as makes its envelope fit `limits.recordBytes`. */
export function cutToFit(draft: Draft, place: Place): Draft {
  let cut = draft
  for (const field of tiers.flat()) {
    const next = cutField(cut, place, field)
    if (next === undefined) continue
    if (excessBytes(next, place) <= 0) return next
    cut = next
  }
  const withoutData = cutData(cut, place)
  return excessBytes(withoutData, place) <= 0 ? withoutData : cutData(cutMetadata(cut), place)
}
