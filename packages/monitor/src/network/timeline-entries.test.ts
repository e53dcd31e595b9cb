// The answer of the script that reads a page's timeline, taken with care: its texts are the page's.
import { limits } from '@tabscope/schema'
import { expect, test } from 'vitest'
import { readEntries, resourceTypeOf } from './timeline-entries.ts'

const row = ['resource', 'http://site/a.css', 'link', 200, 10.5, 20.75, 300, 120, 'text/css', 'h2']

test('an entry of the timeline is read field by field', () => {
  expect(readEntries([row])).toEqual([
    {
      kind: 'resource',
      url: 'http://site/a.css',
      initiator: 'link',
      status: 200,
      startMs: 10.5,
      durationMs: 10.25,
      transferBytes: 300,
      decodedBytes: 120,
      contentType: 'text/css',
      protocol: 'h2',
    },
  ])
})

test('what is no entry is left out, and a field of another type counts as unknown', () => {
  const broken = ['navigation', 'http://site/', {}, 'OK', Number.NaN, -1, null, '5', 7, undefined]
  expect(readEntries([null, 7, [], ['mark', 'http://site/'], ['resource', 7], broken])).toEqual([
    {
      kind: 'navigation',
      url: 'http://site/',
      initiator: '',
      status: 0,
      startMs: 0,
      durationMs: 0,
      transferBytes: 0,
      decodedBytes: 0,
      contentType: '',
      protocol: '',
    },
  ])
  expect(readEntries('no list')).toEqual([])
})

test('no more entries are read than a timeline keeps', () => {
  expect(readEntries(Array.from({ length: limits.lateRequests + 1 }, () => row))).toHaveLength(limits.lateRequests)
})

test('the resource type comes from what asked, else from the content, else it is unknown', () => {
  const [entry] = readEntries([row])
  const typeOf = (initiator: string, contentType: string): string | undefined =>
    entry === undefined ? 'no entry' : resourceTypeOf({ ...entry, initiator, contentType })
  expect(
    [
      ['navigation', ''],
      ['fetch', 'image/png'],
      ['css', 'font/woff2'],
      ['link', 'text/css'],
      ['css', 'image/svg+xml'],
      ['link', ''],
      ['toString', ''],
    ].map(([initiator = '', contentType = '']) => typeOf(initiator, contentType)),
  ).toEqual(['Document', 'Fetch', 'Font', 'Stylesheet', 'Image', undefined, undefined])
})
