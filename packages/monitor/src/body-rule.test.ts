// Which bodies are wanted, by examples.
import { describe, expect, test } from 'vitest'
import { type BodyQuestion, bodyForm, decideBody } from './body-rule.ts'

const standard = { detailLevel: 'standard' } as const
const json: BodyQuestion = { mimeType: 'application/json', resourceType: 'Fetch', method: 'GET', status: 200, decodedBytes: 100 }

describe('a MIME type', () => {
  test.each([
    ['application/json', 'structured'],
    ['Application/JSON; charset=UTF-8', 'structured'],
    [' text/xml ', 'structured'],
    ['application/ld+json', 'structured'],
    ['application/vnd.api+JSON;v=1', 'structured'],
    ['image/svg+xml', 'structured'],
    ['application/x-ndjson', 'structured'],
    ['application/x-www-form-urlencoded', 'structured'],
    ['application/graphql', 'structured'],
    ['application/graphql-response+json', 'structured'],
    ['text/csv', 'structured'],
    ['text/html', 'text'],
    ['text/plain;charset=utf-8', 'text'],
    ['text/event-stream', 'text'],
    ['text/css', 'text'],
    ['text/javascript', 'script'],
    ['application/x-javascript', 'script'],
    ['text/javascript1.5', 'script'],
    ['application/octet-stream', 'binary'],
    ['image/png', 'binary'],
    ['multipart/form-data; boundary=x', 'binary'],
    ['application/jsonp', 'binary'],
    ['', 'unknown'],
    [';', 'unknown'],
    [undefined, 'unknown'],
  ])('%j is %s', (mimeType, form) => {
    expect(bodyForm(mimeType)).toBe(form)
  })
})

describe('a body is wanted', () => {
  test('up to 8 KiB when it is structured and 4 KiB otherwise, 900 KB at verbose, or what the configuration says', () => {
    const html = { ...json, mimeType: 'text/html', resourceType: 'Document' }
    expect([
      decideBody(json, standard),
      decideBody(html, standard),
      decideBody(html, { detailLevel: 'verbose' }),
      decideBody(json, { detailLevel: 'raw' }),
      decideBody(html, { detailLevel: 'standard', limitBytes: 100 }),
      decideBody(html, { detailLevel: 'standard', limitBytes: 50_000 }),
      decideBody(html, { detailLevel: 'verbose', limitBytes: 2_000_000 }),
    ]).toEqual([8192, 4096, 900_000, 900_000, 100, 50_000, 900_000].map((limitBytes) => ({ kind: 'wanted', limitBytes })))
  })

  test('although its size, status, method or resource type is unknown', () => {
    expect(decideBody({ mimeType: 'application/json' }, standard)).toEqual({ kind: 'wanted', limitBytes: 8192 })
  })
})

describe('a body is absent', () => {
  test.each([
    ['redirect', { isRedirect: true, status: 302 }],
    ['no_content', { status: 204 }],
    ['no_content', { status: 304 }],
    ['no_content', { method: 'head' }],
    ['no_content', { decodedBytes: 0 }],
    ['binary', { mimeType: 'image/png', resourceType: 'Image' }],
    ['binary', { mimeType: 'application/wasm' }],
    ['not_captured', { mimeType: 'image/svg+xml', resourceType: 'Image' }],
    ['not_captured', { resourceType: 'Script' }],
    ['not_captured', { mimeType: 'text/css', resourceType: 'Stylesheet' }],
    ['not_captured', { mimeType: 'text/javascript' }],
    ['not_captured', { mimeType: '' }],
    ['not_captured', { mimeType: 'text/event-stream', isComplete: false, decodedBytes: 0 }],
    ['too_large', { decodedBytes: 8 * 1024 * 1024 + 1 }],
  ] as const)('as %s for %j', (reason, difference) => {
    expect(decideBody({ ...json, ...difference }, standard)).toEqual({ kind: 'absent', reason })
  })

  test('as not_captured when the configuration wants none', () => {
    expect(decideBody(json, { detailLevel: 'verbose', limitBytes: 0 })).toEqual({ kind: 'absent', reason: 'not_captured' })
  })

  test('without a reason at minimal, which has no bodies', () => {
    expect(decideBody(json, { detailLevel: 'minimal' })).toEqual({ kind: 'not_wanted' })
  })
})
