// Where the web server and the stream rightly differ.
import { differsIn, has, isCut, isExtra, isHuge, ownEnds, urlOf } from './evidence.ts'
import type { Fact } from './facts.ts'
import { rulesOfBoth } from './policy-both.ts'
import type { Rule } from './rule.ts'

function isMultipart(fact: Fact | undefined): boolean {
  return String(fact?.attributes['post_data']).startsWith('------WebKitFormBoundary')
}

const byType: ReadonlySet<unknown> = new Set(['script', 'stylesheet', 'image', 'font', 'media'])

export const serverRules: readonly Rule[] = [
  ...rulesOfBoth,
  {
    id: 'cache',
    what: 'requests and responses that no server saw, with `from_cache`',
    why: 'a cache of the browser answered them',
    explains: (difference, { ours }) =>
      isExtra(difference) && ownEnds(difference, ours).some(({ notes }) => notes['from_cache'] !== undefined),
  },
  {
    id: 'service-worker',
    what: 'requests and responses that no server saw, with `from_service_worker`',
    why: 'a service worker answered them; what it fetched for that is told on its own session',
    explains: (difference, { ours }) =>
      isExtra(difference) && ownEnds(difference, ours).some(({ attributes }) => attributes['from_service_worker'] === true),
  },
  {
    id: 'never-sent',
    what: 'requests that no server saw, with a `network_loading_failed`',
    why: 'they failed before anything was sent: blocked, forbidden, a redirect that was not to be followed, or given up',
    explains: (difference, { ours }) => {
      const ends = ownEnds(difference, ours)
      const answered = ends.some(({ kind, key }) => kind === 'response' && key === difference.ours?.key)
      return isExtra(difference) && difference.ours?.kind === 'request' && !answered && ends.some(({ kind }) => kind === 'failure')
    },
  },
  {
    id: 'unreadable',
    what: 'answers that the server gave, told as `network_loading_failed` alone',
    why: 'the page may not read them (CORS, `redirect: error`) or gave them up: Chromium tells no response then',
    explains: ({ problem, theirs }, { ours, playwright }) =>
      problem === 'missed' &&
      theirs?.kind === 'response' &&
      has(ours, 'failure', urlOf(theirs)) &&
      !has(playwright, 'response', theirs.key),
  },
  {
    id: 'sent-again',
    what: 'a request that the server saw twice, the first time without answering it',
    why: 'Chromium sends it again on another connection, and tells one request',
    explains: ({ problem, theirs }, { ours }) =>
      problem === 'missed' && theirs?.kind === 'request' && theirs.notes['unanswered'] === true && has(ours, 'request', theirs.key),
  },
  {
    id: 'sent-while-leaving',
    what: 'beacons and keepalive requests that a page sends in `pagehide`',
    why: 'Chromium tells them on no DevTools session, so no client can know of them',
    explains: ({ problem, theirs }, { playwright }) =>
      problem === 'missed' && /[?]left/.test(theirs?.key ?? '') && !has(playwright, theirs?.kind ?? 'request', theirs?.key),
  },
  {
    id: 'download-link',
    what: 'requests of links with `download`',
    why: 'Chromium tells them as `page_download_started` only, with the same URL',
    explains: ({ problem, theirs }, { ours }) => problem === 'missed' && has(ours, 'download_started', urlOf(theirs)),
  },
  {
    id: 'revalidated',
    what: 'the status of an answer that the cache had and the server confirmed',
    why: 'the page gets 200 with the kept body; the 304 is only between cache and server',
    explains: (difference) =>
      differsIn(difference, 'status', 'response_headers', 'body') &&
      difference.theirs?.attributes['status'] === 304 &&
      difference.ours?.attributes['status'] === 200,
  },
  {
    id: 'body-by-type',
    what: 'bodies of scripts, style sheets, images, fonts and media',
    why: 'they are never captured, whatever their content type says',
    explains: (difference) =>
      differsIn(difference, 'body') &&
      difference.ours?.notes['body_absent_reason'] === 'not_captured' &&
      byType.has(difference.ours.notes['resource_type']),
  },
  {
    id: 'body-of-stream',
    what: 'bodies of responses with `body_complete: false`',
    why: 'the event is sent at the headers, when the response broke off, or when it went silent: its body was not complete',
    explains: (difference) => differsIn(difference, 'body') && difference.ours?.notes['body_complete'] === false,
  },
  {
    id: 'body-not-kept',
    what: 'bodies of preflights and prefetches (`body_absent_reason: not_captured`)',
    why: 'Chromium keeps none of them',
    explains: (difference) =>
      differsIn(difference, 'body') &&
      difference.ours?.notes['body_absent_reason'] === 'not_captured' &&
      (difference.ours.key.startsWith('OPTIONS ') || /prefetch/.test(String(difference.theirs?.attributes['request_headers']))),
  },
  {
    id: 'body-passed-on',
    what: 'bodies that a service worker hands on unread (`body_absent_reason: not_captured`)',
    why: 'they go past the worker: Chromium tells no data and answers with an empty body; its page has them',
    explains: (difference) =>
      differsIn(difference, 'body') &&
      difference.ours?.notes['body_absent_reason'] === 'not_captured' &&
      difference.ours.notes['target_type'] === 'service_worker',
  },
  {
    id: 'wire-headers-of-windows',
    what: 'now and then, request headers on the wire of the first document of a window',
    why: 'Chromium tells them before anybody can attach; the headers that it knew at the start are in the request',
    explains: (difference, { ours }) => {
      const tab = difference.ours?.attributes['tab']
      const isWindow = ours.some(({ kind, key, attributes }) => kind === 'tab_opened' && key === tab && attributes['opener'] !== undefined)
      return differsIn(difference, 'request_headers') && difference.ours?.attributes['request_headers'] === undefined && isWindow
    },
  },
  {
    id: 'wire-headers-of-workers',
    what: 'request headers on the wire of shared workers and of the scripts of service workers',
    why: 'Chromium tells no `requestWillBeSentExtraInfo` for them',
    explains: (difference) =>
      differsIn(difference, 'request_headers') &&
      difference.ours?.attributes['request_headers'] === undefined &&
      /^(?:shared|service)_worker$/.test(String(difference.ours?.notes['target_type'])),
  },
  {
    id: 'body-gone',
    what: 'bodies of documents that were left at once (`body_absent_reason: evicted`)',
    why: 'Chromium drops them with their document, before anybody can ask',
    explains: (difference) => differsIn(difference, 'body') && difference.ours?.notes['body_absent_reason'] === 'evicted',
  },
  {
    id: 'too-large',
    what: 'bodies and post data over 900 KB, WebSocket messages over 4 KiB',
    why: 'a record has a bound; `truncated_fields` names what was cut, `body_absent_reason: too_large` what was not even asked for',
    explains: (difference) =>
      (differsIn(difference, 'body') && (isCut(difference, 'body') || difference.ours?.notes['body_absent_reason'] === 'too_large')) ||
      (differsIn(difference, 'payload') && isCut(difference, 'payload')) ||
      (differsIn(difference, 'post_data') && (isCut(difference, 'post_data') || isHuge(difference))),
  },
  {
    id: 'post-data-of-files',
    what: 'post data that is a Blob or a file, or has one in it',
    why: 'Chromium tells only the parts that are text; Playwright gets no more',
    explains: (difference, { playwright }) => {
      const own = difference.ours?.attributes['post_data']
      if (differsIn(difference, 'post_data') && isMultipart(difference.theirs) && isMultipart(difference.ours)) return true
      const asPlaywright = playwright.some(
        ({ kind, key, attributes }) => kind === 'request' && key === difference.ours?.key && attributes['post_data'] === own,
      )
      return differsIn(difference, 'post_data') && asPlaywright
    },
  },
]
