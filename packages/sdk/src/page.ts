// Walks through a list page by page. The rules are those of the newest published client: an empty page is not the end while the server
// says that there is more, and a server that repeats a cursor cannot hold us for ever.
import { APIError } from './api-errors.ts'

/** One page of a list. */
export interface Page<Item> {
  readonly items: readonly Item[]
  readonly hasMore: boolean
  /** What to give as `offset` for the next page; undefined on the last. */
  readonly nextOffset: number | undefined
  /** The next page; undefined on the last. */
  next(): Promise<Page<Item> | undefined>
}

/** The first page once awaited; all items, page after page, in a `for await`. */
export type PagePromise<Item> = Promise<Page<Item>> & AsyncIterable<Item>

/** Asks for the page that begins at `offset`; undefined = the first. */
export type FetchPage = (offset: number | undefined) => Promise<{ value: unknown; headers: Headers }>

/** A list whose pages `fetchPage` gets and whose items `parse` makes. The first page is asked for at once, each other when it is wanted. */
export function paged<Item>(fetchPage: FetchPage, parse: (value: unknown) => Item): PagePromise<Item> {
  const first = loadPage({ fetchPage, parse }, undefined)
  // The iteration tells it as well; who never looks has no use for it.
  first.catch(() => {})
  return Object.assign(first, { [Symbol.asyncIterator]: () => itemsFrom(first) })
}

interface Loader<Item> {
  readonly fetchPage: FetchPage
  readonly parse: (value: unknown) => Item
}

async function* itemsFrom<Item>(first: Promise<Page<Item>>): AsyncGenerator<Item, void, void> {
  for (let page: Page<Item> | undefined = await first; page !== undefined; page = await page.next()) yield* page.items
}

async function loadPage<Item>(loader: Loader<Item>, offset: number | undefined): Promise<Page<Item>> {
  const { value, headers } = await loader.fetchPage(offset)
  if (!Array.isArray(value)) throw new APIError('malformed_answer', 'The answer is not a list. Is the address right?', { headers })
  const nextOffset = nextOffsetOf(headers, offset)
  return {
    items: value.map(loader.parse),
    hasMore: nextOffset !== undefined,
    nextOffset,
    next: async () => (nextOffset === undefined ? undefined : loadPage(loader, nextOffset)),
  }
}

function nextOffsetOf(headers: Headers, asked: number | undefined): number | undefined {
  const hasMore = headers.get('x-has-more')
  if (hasMore === 'false') return undefined
  const text = headers.get('x-next-offset')
  if (text === null) {
    if (hasMore !== 'true') return undefined
    throw new APIError('malformed_answer', 'The server says that there is more but not where: X-Has-More without X-Next-Offset.', {
      headers,
    })
  }
  const offset = /^[0-9]{1,16}$/.test(text) ? Number(text) : 0
  // 0 is how some servers mark the last page.
  return Number.isSafeInteger(offset) && offset > 0 && offset !== asked ? offset : undefined
}
