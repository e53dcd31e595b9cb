// An event as one line of JSON. Only `data` goes through JSON.stringify; the envelope around it is put together by hand,
// which is several times faster (docs: dependencies). Key order is fixed: line.ts reads the head of a line by it.
import type { EventDraft, ForeignDraft } from '@tabscope/schema'

export type Draft = EventDraft | ForeignDraft

/** What an envelope has beyond its draft. */
export interface Place {
  readonly seq: number
  readonly tsUs: number
  readonly captureSessionId: string
}

// Outside producers may use any name, so the table of quoted names has an end; beyond it a name is quoted each time.
const quotedNamesMost = 2048
const quotedNames = new Map<string, string>()

function quote(name: string): string {
  const known = quotedNames.get(name)
  if (known !== undefined) return known
  const quoted = JSON.stringify(name)
  if (quotedNames.size < quotedNamesMost) quotedNames.set(name, quoted)
  return quoted
}

function sourceText(source: Draft['source']): string {
  const event = source.event === undefined ? '' : `,"event":${quote(source.event)}`
  const metadata = source.metadata === undefined ? '' : `,"metadata":${JSON.stringify(source.metadata)}`
  return `{"kind":"${source.kind}"${event}${metadata}}`
}

// JSON.stringify writes half of a surrogate pair as an escape (a page needs one line of script for one). Strict readers refuse the whole line
// for it: serde_json of Rust and jq do, and Python reads it and then cannot write it. What is left of a character that is none is U+FFFD.
const escapes = /\\(?:\\|ud[89a-f][0-9a-f]{2})/g

function wellFormed(json: string): string {
  if (!json.includes('\\ud')) return json
  // An escaped backslash is taken as a whole, so that what follows it is no escape.
  return json.replace(escapes, (found) => (found === '\\\\' ? found : '\ufffd'))
}

/** The envelope as one line of JSON without a line feed; text in it is well-formed Unicode. Throws what JSON.stringify throws on `data` that is not JSON. */
export function serialise(draft: Draft, place: Place): string {
  const data = JSON.stringify(draft.data)
  const head = `{"seq":${place.seq},"capture_session_id":${quote(place.captureSessionId)},"event":{"ts":${place.tsUs},"type":${quote(draft.type)}`
  const kind = `,"category":"${draft.category}","detail_level":"${draft.detailLevel}","source":${sourceText(draft.source)}`
  return wellFormed(
    `${head}${kind}${data === undefined ? '' : `,"data":${data}`}${draft.truncated === true ? ',"truncated":true}}' : '}}'}`,
  )
}
