// Values of a query, checked and named when they are wrong.
import { invalidRequest } from '@tabscope/schema'

export interface IntegerBounds {
  readonly least: number
  readonly most: number
}

/** The integer of that name; undefined when it is not given. */
export function integerIn(query: URLSearchParams, name: string, { least, most }: IntegerBounds): number | undefined {
  const text = query.get(name) ?? ''
  if (text === '') return undefined
  const value = /^[0-9]{1,16}$/.test(text) ? Number(text) : Number.NaN
  if (value >= least && value <= most) return value
  throw invalidRequest(`query.${name}`, `${JSON.stringify(text.slice(0, 64))} is not an integer from ${least} to ${most}`)
}

/** One of some words; undefined when it is not given. */
export function wordIn<Word extends string>(query: URLSearchParams, name: string, words: readonly Word[]): Word | undefined {
  const text = query.get(name) ?? ''
  if (text === '') return undefined
  const word = words.find((known) => known === text)
  if (word !== undefined) return word
  throw invalidRequest(`query.${name}`, `${JSON.stringify(text.slice(0, 64))} is not one of ${words.join(', ')}`)
}

/** One page of a list: what is on it, and where the next one begins. */
export function pageOf<Item>(items: readonly Item[], query: URLSearchParams, bounds: { fallback: number; most: number }): Page<Item> {
  const limit = integerIn(query, 'limit', { least: 1, most: bounds.most }) ?? bounds.fallback
  const offset = integerIn(query, 'offset', { least: 0, most: Number.MAX_SAFE_INTEGER }) ?? 0
  const end = offset + limit
  return { items: items.slice(offset, end), nextOffset: end < items.length ? end : undefined }
}

export interface Page<Item> {
  readonly items: readonly Item[]
  readonly nextOffset: number | undefined
}
