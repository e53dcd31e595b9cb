// Step 6 of the flow: a draft without its secrets, before any buffer sees it. What a field can hold is said in the registry; types that
// only an outside producer knows are searched in every string. A draft without secrets is handed on as it is.
import { definitionOf, type EventDraft, type FieldNotes, type ForeignDraft, type Sensitivity } from '@tabscope/schema'
import { redactBody } from './body.ts'
import { isCookie, kindInCdp, redactCdpText } from './cdp.ts'
import { redactHeaders } from './headers.ts'
import { redactedMark, type SecretNames } from './names.ts'
import { redactText } from './text.ts'
import { redactUrl } from './url.ts'

type AnyDraft = EventDraft | ForeignDraft
type Data = Record<string, unknown>

// Values inside values: deeper than this nothing of ours goes, and a hostile producer gets its data left out.
const mostLevels = 12

/** The draft that may leave the process. `data.redacted` names what was replaced. */
export function redactDraft(given: AnyDraft, names: SecretNames): AnyDraft {
  const draft = redactMetadata(given, names)
  if (!isData(draft.data))
    return typeof draft.data === 'string' ? { ...draft, data: redactText(draft.data, names, () => undefined) } : draft
  const found = new Set<string>()
  const data = redactData(draft.type, draft.data, names, (name) => found.add(name.toLowerCase()))
  if (data === draft.data) return draft
  return { ...draft, data: { ...data, redacted: [...found].sort() } } as AnyDraft
}

// Metadata of our own events are ids; outside producers write what they like.
function redactMetadata(draft: AnyDraft, names: SecretNames): AnyDraft {
  const { kind, metadata } = draft.source
  if (metadata === undefined || kind === 'cdp') return draft
  const safe = redactObject(metadata, { kind: 'text', names, found: () => undefined, levels: 1 })
  return safe === metadata ? draft : ({ ...draft, source: { ...draft.source, metadata: safe } } as AnyDraft)
}

function isData(value: unknown): value is Data {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function redactData(type: string, data: Data, names: SecretNames, found: (name: string) => void): Data {
  const known = definitionOf(type) === undefined ? undefined : sensitiveFields(type)
  let changed: Data | undefined
  for (const name of known?.keys() ?? Object.keys(data)) {
    const value = data[name]
    if (value === undefined) continue
    const safe = redactValue(value, { kind: known?.get(name) ?? 'body', names, found, levels: mostLevels })
    if (safe === value) continue
    changed ??= { ...data }
    changed[name] = safe
  }
  return changed ?? data
}

// What is inside a value, one level deeper.
function within(how: How, key: string): How {
  return { ...how, kind: how.kind === 'cdp' ? kindInCdp(key) : how.kind, levels: how.levels - 1 }
}

interface How {
  readonly kind: Sensitivity
  readonly names: SecretNames
  readonly found: (name: string) => void
  readonly levels: number
}

function redactValue(value: unknown, how: How): unknown {
  if (typeof value === 'string') return redactString(value, how)
  if (typeof value !== 'object' || value === null) return value
  if (how.levels === 0) return undefined
  if (how.kind === 'headers' && !Array.isArray(value)) return redactHeaders(value as Data, how.names, how.found)
  return Array.isArray(value) ? redactList(value, how) : redactObject(value as Data, how)
}

function redactString(value: string, { kind, names, found }: How): string {
  switch (kind) {
    case 'url': {
      // What these hold is no address.
      if (/^(?:data|javascript):/i.test(value)) return redactBody(value, names, found)
      const safe = redactUrl(value, names, found)
      // A token can be a part of the path; everything else of a URL has been looked at.
      return safe.includes('eyJ') ? redactText(safe, names, found) : safe
    }
    case 'body':
    case 'form':
      return redactBody(value, names, found)
    case 'cdp':
    case 'text':
    case 'headers':
      return redactText(value, names, found)
    default:
      return kind satisfies never
  }
}

function redactList(list: readonly unknown[], how: How): readonly unknown[] {
  const safe = list.map((item) => redactValue(item, { ...how, levels: how.levels - 1 }))
  return safe.some((item, index) => item !== list[index]) ? safe : list
}

function redactObject(object: Data, how: How): Data {
  let changed: Data | undefined
  for (const key of Object.keys(object)) {
    const value = object[key]
    const name = secretNameOf(object, key, how)
    const safe = name === undefined ? redactField(key, value, how) : redactSecret(value, { name, key, found: how.found })
    if (safe === value) continue
    changed ??= { ...object }
    changed[key] = safe
  }
  return changed ?? object
}

function redactField(key: string, value: unknown, how: How): unknown {
  const text = how.kind === 'cdp' && typeof value === 'string' ? redactCdpText(key, value, how.names, how.found) : value
  return redactValue(text, within(how, key))
}

// A value is secret by its own key, or by the name that stands beside it: `{ name: 'token', value: '…' }`, as in previews and lists of headers.
function secretNameOf(object: Data, key: string, { kind, names }: How): string | undefined {
  if (names.isBodyKey(key)) return key
  if (key !== 'value' && key !== 'description') return undefined
  const name = nameBeside(object)
  if (name === undefined || name === '') return undefined
  return names.isBodyKey(name) || names.isHeader(name) || (kind === 'cdp' && key === 'value' && isCookie(object)) ? name : undefined
}

function nameBeside(object: Data): string | undefined {
  if (typeof object['name'] === 'string') return object['name']
  // An entry of a map: its key is a preview, too.
  const key = object['key']
  if (!isData(key)) return undefined
  const text = key['value'] ?? key['description']
  return typeof text === 'string' ? text.replace(/^"|"$/g, '') : undefined
}

// A preview of a secret keeps its type.
function redactSecret(value: unknown, { name, key, found }: { name: string; key: string; found: (name: string) => void }): unknown {
  if (value === null || value === undefined || typeof value === 'boolean' || value === '') return value
  found(name)
  if (!isData(value) || key !== 'value') return redactedMark
  const { value: text, description } = value
  return {
    ...value,
    ...(text === undefined ? {} : { value: redactedMark }),
    ...(description === undefined ? {} : { description: redactedMark }),
  }
}

const fieldsOf = new Map<string, ReadonlyMap<string, Sensitivity>>()

// The fields of a known type that can hold secrets, read from the registry once.
function sensitiveFields(type: string): ReadonlyMap<string, Sensitivity> {
  const known = fieldsOf.get(type)
  if (known !== undefined) return known
  const fields = new Map<string, Sensitivity>()
  const data = definitionOf(type)?.data
  // Types whose data is a union hold no secrets by their definition (`cdp_command`).
  const shape = data !== undefined && 'shape' in data ? data.shape : {}
  for (const [name, schema] of Object.entries(shape)) {
    const { sensitive } = (schema.meta() ?? {}) as FieldNotes
    if (sensitive !== undefined) fields.set(name, sensitive)
  }
  fieldsOf.set(type, fields)
  return fields
}
