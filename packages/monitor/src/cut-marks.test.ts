import { type EventDraft, limits } from '@tabscope/schema'
import { expect, test } from 'vitest'
import { markCuts } from './cut-marks.ts'
import { cutMark, cutText, cutUrl } from './text-cut.ts'

const long = 'https://example.test/é'.padEnd(limits.urlBytes * 2, 'é')

function draftOf(data: object, rest: object = {}): EventDraft {
  // The one type that can have all of these fields.
  const draft = { type: 'page_tab_opened', category: 'page', detailLevel: 'standard', source: { kind: 'cdp' }, data, ...rest }
  return draft as unknown as EventDraft
}

test.each([
  ['an address', { url: cutUrl(long).text }, ['url']],
  ['a data: URL', { url: cutUrl(`data:text/html,${long}`).text }, ['url']],
  ['a title', { url: 'about:blank', title: cutText(long, limits.titleBytes).text }, ['title']],
  ['one of two that is not named yet', { url: cutUrl(long).text, truncated_fields: ['body'] }, ['body', 'url']],
])('%s that was cut is named, and the event says so', (_what, data, fields) => {
  expect(markCuts(draftOf(data))).toEqual(draftOf({ ...data, truncated_fields: fields }, { truncated: true }))
})

test.each([
  ['a whole address', { url: 'https://example.test/' }],
  ['an address of which the page wrote the mark itself', { url: `https://example.test/${cutMark}` }],
  ['what is named already', { url: cutUrl(long).text, truncated_fields: ['url'] }],
])('%s leaves the draft as it is', (_what, data) => {
  const draft = draftOf(data)
  expect(markCuts(draft)).toBe(draft)
})
