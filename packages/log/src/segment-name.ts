// Names of the files of a segment: the number of its first record, padded so that names sort as numbers do.

/** Decimal digits of the largest number. */
const digits = 16

/** `0000000000000001.jsonl` for 1. */
export function dataName(firstSeq: number): string {
  return `${String(firstSeq).padStart(digits, '0')}.jsonl`
}

export function indexName(firstSeq: number): string {
  return `${String(firstSeq).padStart(digits, '0')}.index`
}

/** What a name in the folder stands for; undefined for files that are not ours. */
export function parseSegmentName(name: string): { readonly firstSeq: number; readonly kind: 'data' | 'index' } | undefined {
  const match = /^([0-9]{16})\.(jsonl|index)$/.exec(name)
  if (match === null) return undefined
  const firstSeq = Number(match[1])
  return Number.isSafeInteger(firstSeq) && firstSeq > 0 ? { firstSeq, kind: match[2] === 'index' ? 'index' : 'data' } : undefined
}
