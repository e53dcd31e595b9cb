import { describe, expect, test } from 'vitest'
import { parsePublishRequest } from './publish-request.ts'

const click = { x: 1, y: 2, selector: '#a', tag: 'A' }

function refusal(body: unknown): string {
  try {
    return `accepted: ${JSON.stringify(parsePublishRequest(body))}`
  } catch (error) {
    const { code, message } = error as { code: string; message: string }
    return `${code} ${message.replace(' See /openapi.json for what this route takes.', '')}`
  }
}

describe('an event that is taken', () => {
  test('of an unknown type keeps its name, category and any data', () => {
    const body = {
      type: 'build_done',
      category: 'system',
      source: { kind: 'extension', event: 'done', metadata: { a: 'b' } },
      data: [1, null],
      detail_level: 'raw',
    }
    expect(parsePublishRequest(body)).toEqual({
      type: 'build_done',
      category: 'system',
      detailLevel: 'raw',
      source: { kind: 'extension', event: 'done', metadata: { a: 'b' } },
      data: [1, null],
    })
  })

  test('of a known type gets the category of the registry, whatever it says', () => {
    const draft = parsePublishRequest({ type: 'interaction_click', category: 'no such', data: click })
    expect(draft).toEqual({
      type: 'interaction_click',
      category: 'interaction',
      detailLevel: 'standard',
      source: { kind: 'local_process' },
      data: click,
    })
  })

  test('keeps fields of a known type that the registry does not know', () => {
    expect(parsePublishRequest({ type: 'interaction_click', data: { ...click, newer: true } }).data).toEqual({ ...click, newer: true })
  })

  test('without a source, or with null for what may be absent, comes from a local process', () => {
    const body = { type: 'x', category: 'api', source: null, detail_level: null, data: null }
    expect(parsePublishRequest(body)).toEqual({
      type: 'x',
      category: 'control',
      detailLevel: 'standard',
      source: { kind: 'local_process' },
      data: null,
    })
  })

  test('of a type without required fields needs no data', () => {
    expect(parsePublishRequest({ type: 'page_layout_settled' })).toEqual({
      type: 'page_layout_settled',
      category: 'page',
      detailLevel: 'standard',
      source: { kind: 'local_process' },
    })
  })
})

describe('an event that is refused', () => {
  const unknown = { type: 'x', category: 'system' }
  const many = Object.fromEntries(Array.from({ length: 33 }, (_, index) => [`k${index}`, '']))

  test.each<[unknown, string]>([
    [undefined, 'invalid_request body: expected a JSON object with a type.'],
    [[], 'invalid_request body: expected a JSON object with a type.'],
    [{}, 'invalid_request body.type: type is required.'],
    [{ type: '' }, 'invalid_request body.type: type is required.'],
    [{ type: 5 }, 'invalid_request body.type: expected string, received number.'],
    [{ type: 'x' }, 'invalid_request body.category: category is required for an unknown type.'],
    [{ type: 'x', category: 'sys' }, 'unknown_category Category "sys" is not one that can be used here.'],
    [{ type: 'ä'.repeat(65), category: 'system' }, 'invalid_request body.type: 130 bytes, at most 128 are taken.'],
    [{ ...unknown, source: {} }, 'invalid_request body.source.kind: '],
    [{ ...unknown, source: { kind: 'kernel_api' } }, 'invalid_request body.source.kind: kernel_api is reserved'],
    [{ ...unknown, source: { kind: 'cdp' } }, 'invalid_request body.source.kind: cdp is reserved'],
    [{ ...unknown, source: { kind: 'extension', event: 'e'.repeat(129) } }, 'invalid_request body.source.event: 129 bytes'],
    [
      { ...unknown, source: { kind: 'extension', metadata: { a: 1 } } },
      'invalid_request body.source.metadata.a: expected string, received number.',
    ],
    [{ ...unknown, source: { kind: 'extension', metadata: many } }, 'invalid_request body.source.metadata: 33 keys, at most 32'],
    [
      { ...unknown, source: { kind: 'extension', metadata: { a: 'x'.repeat(16_384) } } },
      'invalid_request body.source.metadata: 16392 bytes',
    ],
    [{ type: 'interaction_click', data: { ...click, x: 1.5 } }, 'invalid_request body.data.x: expected int, received number.'],
    [{ type: 'captcha_solve_started' }, 'invalid_request body.data: '],
    [{ type: 'captcha_solve_started', data: {} }, 'invalid_request body.data.captcha_type: '],
    [{ type: 'cdp_command', data: { method: 'Page.fly' } }, 'invalid_request body.data.method: '],
  ])('names the field: %j', (body, expected) => {
    expect(refusal(body)).toContain(expected)
  })

  test('because it is nested so deep that a serialiser would overflow', () => {
    const data = JSON.parse(`${'['.repeat(50_000)}${']'.repeat(50_000)}`)
    expect(refusal({ ...unknown, data })).toBe('invalid_request body: nested deeper than 64 levels.')
  })
})
