// A draft with its place becomes a record: serialised once, cut when it is too large, with what filters ask for beside it.
import { type EventRecord, limits } from '@tabscope/schema'
import { cutToFit } from './cut.ts'
import { type Draft, type Place, serialise } from './serialise.ts'
import type { SlabWriter } from './slab.ts'

/** The target an event is about: from the source, or, before there is a session, from `data`. */
export function targetIdOf(metadata: Readonly<Record<string, unknown>> | undefined, data: unknown): string | undefined {
  const named = metadata?.['target_id']
  if (typeof named === 'string') return named
  if (typeof data !== 'object' || data === null || !('target_id' in data)) return undefined
  return typeof data.target_id === 'string' ? data.target_id : undefined
}

// Half a pair of surrogates, which serialise.ts does not write either.
const halfPair = /\p{Surrogate}/gu

// No text of a third of the limit in UTF-16 units can be over it in bytes: the normal case is not measured.
function isTooLarge(text: string): boolean {
  return text.length * 3 > limits.recordBytes && Buffer.byteLength(text) > limits.recordBytes
}

/** The record of that draft, at most `limits.recordBytes` of JSON. */
export function createRecord(draft: Draft, place: Place, slabs: SlabWriter): EventRecord {
  const whole = serialise(draft, place)
  const isCut = isTooLarge(whole)
  const final = isCut ? cutToFit(draft, place) : draft
  const bytes = slabs.write(isCut ? serialise(final, place) : whole)
  return {
    seq: place.seq,
    tsUs: place.tsUs,
    type: final.type,
    category: final.category,
    sourceKind: final.source.kind,
    // As it is written: a filter must find the same events in memory and on disk.
    targetId: targetIdOf(final.source.metadata, final.data)?.replace(halfPair, '\ufffd'),
    detailLevel: final.detailLevel,
    bytes,
  }
}
