// Pages of lists, on real sockets: when there is another one, when not, and when the server contradicts itself.
import { expect, test } from 'vitest'
import { type Planes, startPlanes } from './testing/planes.ts'
import { replyJson } from './testing/recording-server.ts'

type PageScript = { readonly items: readonly number[]; readonly headers: Readonly<Record<string, string>> }

/** A control plane that answers with one page after the other, whatever it is asked for. */
function startPages(pages: readonly PageScript[]): Promise<Planes> {
  let index = 0
  return startPlanes({
    onControl: (response) => {
      const page = pages[index++] ?? { items: [], headers: { 'x-has-more': 'false' } }
      replyJson(
        response,
        page.items.map((seq) => ({ seq, event: { type: 'x' } })),
        { headers: { ...page.headers } },
      )
    },
  })
}

const more = (items: readonly number[], next: string): PageScript => ({ items, headers: { 'x-has-more': 'true', 'x-next-offset': next } })

async function allSeqs({ client }: Planes): Promise<number[]> {
  const seqs: number[] = []
  for await (const { seq } of client.browsers.telemetry.events('b1', { limit: 2, since: '1h', until: '1s', category: ['a', 'b'] }))
    seqs.push(seq)
  return seqs
}

test('all pages are walked, an empty one in between too, with the same query but for the offset', async () => {
  await using planes = await startPages([more([1, 2], '70'), more([], '30'), { items: [3], headers: { 'x-has-more': 'false' } }])
  expect(await allSeqs(planes)).toEqual([1, 2, 3])
  expect(planes.control.asked.map(({ query }) => query)).toEqual([
    { limit: '2', since: '1h', until: '1s', category: ['a', 'b'] },
    { limit: '2', until: '1s', category: ['a', 'b'], offset: '70' },
    { limit: '2', until: '1s', category: ['a', 'b'], offset: '30' },
  ])
})

test.each([
  ['X-Has-More is false, whatever else is said', [{ items: [1], headers: { 'x-has-more': 'false', 'x-next-offset': '9' } }]],
  ['there are no headers at all', [{ items: [1], headers: {} }]],
  ['the next offset is 0', [more([1], '0')]],
  ['the next offset is not a number', [more([1], 'soon')]],
])('the walk is over when %s', async (_when, pages) => {
  await using planes = await startPages(pages)
  expect(await allSeqs(planes)).toEqual([1])
})

test('a server that repeats its cursor does not hold us for ever', async () => {
  await using planes = await startPages([more([1], '5'), more([2], '5'), more([3], '5')])
  expect(await allSeqs(planes)).toEqual([1, 2])
})

test('more without a place to find it is an error, not the end', async () => {
  await using planes = await startPages([{ items: [1], headers: { 'x-has-more': 'true' } }])
  await expect(allSeqs(planes)).rejects.toMatchObject({ code: 'malformed_answer' })
})

test('a positive offset alone goes on', async () => {
  await using planes = await startPages([
    { items: [1], headers: { 'x-next-offset': '4' } },
    { items: [2], headers: {} },
  ])
  expect(await allSeqs(planes)).toEqual([1, 2])
})

test('pages can be turned by hand, and none is asked for before it is wanted', async () => {
  await using planes = await startPages([more([1], '4'), { items: [2], headers: { 'x-has-more': 'false' } }])
  const first = await planes.client.browsers.telemetry.events('b1')
  expect([first.items.map(({ seq }) => seq), first.hasMore, first.nextOffset, planes.control.lines.length]).toEqual([[1], true, 4, 1])
  const second = await first.next()
  expect([second?.items.map(({ seq }) => seq), second?.hasMore, await second?.next()]).toEqual([[2], false, undefined])
})

test('tags are asked for key by key', async () => {
  await using planes = await startPages([])
  await planes.client.browsers.list({ status: 'all', tags: { team: 'a b', 'x[y]': '1' } })
  expect(planes.control.asked[0]?.query).toEqual({ status: 'all', 'tags[team]': 'a b', 'tags[x[y]]': '1' })
})

test('what is no list, and what is no event, is an error', async () => {
  await using planes = await startPlanes({
    onControl: (response, { path }) => replyJson(response, path === '/browsers' ? {} : [{ hello: 1 }]),
  })
  await expect(planes.client.browsers.list()).rejects.toMatchObject({ code: 'malformed_answer' })
  await expect(planes.client.browsers.telemetry.events('b1')).rejects.toMatchObject({ code: 'malformed_answer' })
})
