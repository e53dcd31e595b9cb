// Formatting of what no honest Chromium sends: everything from a page can be invented, so nothing may throw, hang or grow.
import { limits, systemClock } from '@tabscope/schema'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { formatArguments } from './format-arguments.ts'
import { formatException } from './format-exception.ts'
import { jsLiteral } from './js-literal.ts'
import { boundedStackTrace, boundStackTrace } from './stack-trace.ts'

// Any JSON, often in the shape of what CDP sends, so that deep branches are reached.
const anyText = fc.oneof(
  fc.string(),
  fc.string({ unit: 'binary' }),
  fc.constantFrom(
    '__proto__',
    'constructor',
    '\ud800',
    'Object',
    'Array(3)',
    'Array(99999999999999999)',
    '[[PromiseState]]',
    '[[PrimitiveValue]]',
  ),
)
const anyType = fc.oneof(fc.constantFrom('object', 'function', 'string', 'number', 'accessor', 'symbol', 'undefined', 'bigint'), anyText)
const anySubtype = fc.oneof(fc.constantFrom('array', 'null', 'node', 'error', 'map', 'promise', 'typedarray', 'regexp', 'proxy'), anyText)
const { hostile } = fc.letrec<{ hostile: unknown; shaped: unknown }>((tie) => ({
  hostile: fc.oneof({ maxDepth: 3, depthSize: 'xsmall' }, fc.jsonValue({ maxDepth: 1 }), tie('shaped')),
  shaped: fc.record(
    {
      type: fc.oneof(anyType, tie('hostile')),
      subtype: fc.oneof(anySubtype, tie('hostile')),
      className: anyText,
      value: fc.oneof(anyText, tie('hostile')),
      unserializableValue: anyText,
      description: fc.oneof(anyText, tie('hostile')),
      overflow: fc.oneof(fc.boolean(), tie('hostile')),
      preview: tie('hostile'),
      valuePreview: tie('hostile'),
      properties: fc.oneof(fc.array(tie('hostile'), { maxLength: 4 }), tie('hostile')),
      entries: fc.array(fc.record({ key: tie('hostile'), value: tie('hostile') }, { requiredKeys: [] }), { maxLength: 3 }),
      name: anyText,
      text: fc.oneof(anyText, tie('hostile')),
      exception: tie('hostile'),
      stackTrace: tie('hostile'),
      callFrames: fc.oneof(fc.array(tie('hostile'), { maxLength: 3 }), tie('hostile')),
      parent: tie('hostile'),
      lineNumber: fc.oneof(fc.double(), tie('hostile')),
      url: fc.oneof(anyText, tie('hostile')),
    },
    { requiredKeys: [] },
  ),
}))

describe('anything that JSON can say', () => {
  test('becomes arguments: texts, one for each, never an empty "object"', () => {
    fc.assert(
      fc.property(fc.oneof(fc.array(hostile, { maxLength: 5 }), hostile), (remoteObjects) => {
        const formatted = formatArguments(remoteObjects, { withPreview: true, level: 'assert' })
        expect(formatted.args).toHaveLength(Array.isArray(remoteObjects) ? remoteObjects.length : 0)
        expect([formatted.text, ...formatted.args].every((text) => typeof text === 'string')).toBe(true)
        expect(JSON.parse(JSON.stringify(formatted.preview))).toEqual(formatted.preview)
      }),
      { numRuns: 400 },
    )
  })

  test('becomes an exception with a text and integers', () => {
    fc.assert(
      fc.property(hostile, (details) => {
        const { text, line, column } = formatException(details)
        expect(text.length).toBeGreaterThan(0)
        expect([line, column].every((number) => number === undefined || Number.isSafeInteger(number))).toBe(true)
      }),
      { numRuns: 400 },
    )
  })

  test('becomes a stack trace in the shape of the contract', () => {
    fc.assert(
      fc.property(hostile, (stack) => {
        for (
          let level: ReturnType<typeof boundedStackTrace> | undefined = boundedStackTrace(stack);
          level !== undefined;
          level = level.parent
        ) {
          expect(Object.keys(level).every((key) => ['callFrames', 'description', 'parent'].includes(key))).toBe(true)
          for (const { lineNumber, columnNumber, functionName, url, scriptId } of level.callFrames) {
            expect([lineNumber, columnNumber].every(Number.isSafeInteger)).toBe(true)
            expect([functionName, url, scriptId].map((text) => typeof text)).toEqual(['string', 'string', 'string'])
          }
        }
      }),
      { numRuns: 400 },
    )
  })

  test('as text becomes a literal that means the same', () => {
    fc.assert(
      fc.property(
        fc.oneof(anyText, fc.string({ unit: fc.constantFrom("'", '"', '`', '$', '{', '\\', '\n', '\u2028', 'a', '\ud83d') })),
        (text) => {
          const literal = jsLiteral(text)
          expect(new Function(`return ${literal}`)()).toBe(text)
          expect(literal).not.toMatch(/[\n\r]|\p{Surrogate}/u)
        },
      ),
      { numRuns: 400 },
    )
  })
})

const text = (value: string) => ({ type: 'string', value })
const objectWith = (preview: object) => ({
  type: 'object',
  description: 'Object',
  preview: { type: 'object', overflow: false, properties: [], ...preview },
})

describe('the bounds', () => {
  test('cut a long argument and the text with it, and say so', () => {
    const formatted = formatArguments([text('x'.repeat(100_000)), text('y')])
    expect([formatted.args.map((argument) => argument.length), formatted.text.length, formatted.cut]).toEqual([
      [limits.consoleArgumentBytes, 1],
      limits.consoleArgumentBytes + 2,
      ['text', 'args'],
    ])
  })

  test('cut all arguments together', () => {
    const formatted = formatArguments(
      Array.from({ length: 5 }, () => text('x'.repeat(60_000))),
      { withPreview: true },
    )
    expect([formatted.args.map((argument) => argument.length), formatted.cut]).toEqual([
      [60_000, 60_000, 131_072 - 120_000, 0, 0],
      ['text', 'args', 'args_preview'],
    ])
    expect(formatted.text.length).toBeLessThanOrEqual(limits.consoleTextBytes)
    expect(JSON.stringify(formatted.preview).length).toBeLessThan(limits.consoleTextBytes + 1000)
  })

  test('leave out arguments beyond the hundredth, and say so', () => {
    const formatted = formatArguments(
      Array.from({ length: 150 }, (_, index) => ({ type: 'number', value: index })),
      { withPreview: true },
    )
    expect([formatted.args.length, formatted.args.at(-1), formatted.preview?.length, formatted.cut]).toEqual([
      100,
      '99',
      100,
      ['text', 'args', 'args_preview'],
    ])
  })

  test('leave out properties beyond the 200th of one object, and values beyond the 500th of all previews', () => {
    const properties = Array.from({ length: 1000 }, (_, index) => ({ name: `p${index}`, type: 'number', value: '1' }))
    const formatted = formatArguments([objectWith({ properties }), objectWith({ properties }), objectWith({ properties })], {
      withPreview: true,
    })
    expect([
      formatted.args[0]?.split(', ').length,
      formatted.preview?.map((preview) => [preview.properties?.length, preview.overflow]),
    ]).toEqual([
      200,
      [
        [200, true],
        [200, true],
        [97, true],
      ],
    ])
  })

  test('keep the first frames and the first parents of a stack', () => {
    const frame = { functionName: 'f', scriptId: '1', url: 'u'.repeat(5000), lineNumber: 1, columnNumber: 2 }
    let stack: object = { callFrames: [frame] }
    for (let level = 0; level < 20; level++)
      stack = { description: 'Promise.then', callFrames: Array.from({ length: 200 }, () => frame), parent: stack }
    const { stackTrace, isCut } = boundStackTrace(stack)
    const levels: number[] = []
    for (let level: typeof stackTrace | undefined = stackTrace; level !== undefined; level = level.parent)
      levels.push(level.callFrames.length)
    expect([levels, stackTrace.callFrames[0]?.url.length, isCut]).toEqual([[50, 50, 50, 50, 50], 1024, true])
  })

  test('leave an ordinary stack as it is', () => {
    const stack = {
      description: 'setTimeout',
      callFrames: [{ functionName: '', scriptId: '7', url: 'https://a.test/', lineNumber: 0, columnNumber: 5 }],
      parent: { callFrames: [] },
    }
    expect(boundStackTrace(stack)).toEqual({ stackTrace: stack, isCut: false })
  })

  test('hold for a nesting that never ends', () => {
    const preview: Record<string, unknown> = { type: 'object', description: 'Object', overflow: false }
    preview['properties'] = [{ name: 'self', type: 'object', value: 'Object', valuePreview: preview }]
    const formatted = formatArguments([{ type: 'object', description: 'Object', preview }], { withPreview: true })
    expect([formatted.text, JSON.stringify(formatted.preview).length < 1000]).toEqual(['{self: {self: {…}}}', true])
  })

  test.each([
    ['space', ' '.repeat(300_000)],
    ['newlines', '\n'.repeat(300_000)],
    ['quotes', `'"\``.repeat(100_000)],
    ['specifiers', '%s'.repeat(150_000)],
    ['brackets', '('.repeat(300_000)],
    ['control characters', '\u0001'.repeat(300_000)],
  ])('keep 300,000 characters of %s quick wherever they are', (_, huge) => {
    const startMs = systemClock.monotonicMs()
    for (const type of ['string', 'object', 'function', 'symbol']) {
      for (const subtype of [undefined, 'array', 'error', 'regexp', 'map', 'node']) {
        const properties = [{ name: huge, type, subtype, value: huge }]
        const object = {
          type,
          subtype,
          value: huge,
          description: huge,
          preview: { type, subtype, description: huge, overflow: false, properties },
        }
        formatArguments([object, object], { withPreview: true })
        formatException({ text: huge, exception: object, url: huge })
      }
    }
    // 48 calls; a quadratic step would take minutes for one of them.
    expect(systemClock.monotonicMs() - startMs).toBeLessThan(10_000)
  })
})

describe('what Chromium leaves out', () => {
  test.each([
    [{}, 'undefined'],
    [{ type: 'object' }, '{…}'],
    [{ type: 'object', className: 'Foo' }, 'Foo'],
    [{ type: 'object', description: 'Object' }, '{…}'],
    [{ type: 'object', subtype: 'error' }, 'Error'],
    [{ type: 'function' }, 'ƒ'],
    [{ type: 'string' }, ''],
    [{ type: 'number' }, 'number'],
    [{ type: 'symbol' }, 'symbol'],
    [{ type: 'boolean', value: false }, 'false'],
    [{ type: 'wasm', description: 'i32 {5}' }, 'i32 {5}'],
    [{ type: 'object', description: 'Object', preview: {} }, ''],
    [null, 'undefined'],
  ])('%j is %j', (argument, expected) => {
    expect(formatArguments([argument]).args).toEqual([expected])
  })

  test('elements of a list that is not whole have their numbers, and no hole is told', () => {
    const element = (name: string) => ({ name, type: 'number', value: '7' })
    const preview = {
      type: 'object',
      subtype: 'array',
      description: 'Array(9)',
      overflow: true,
      properties: [element('0'), element('5'), element('6')],
    }
    expect(formatArguments([{ type: 'object', subtype: 'array', description: 'Array(9)', preview }]).text).toBe('(9) [7, 5: 7, 6: 7, …]')
  })

  test('a script of another origin has only its text', () => {
    expect(formatException({ text: 'Uncaught', exceptionId: 1 })).toEqual({ text: 'Uncaught', isUnhandledRejection: false, cut: [] })
  })

  test('an exception without an id for its script has a URL of its own', () => {
    const details = {
      text: 'Uncaught',
      lineNumber: 3,
      columnNumber: 4,
      url: 'https://a.test/x.js',
      exception: { type: 'string', value: 'no' },
    }
    expect(formatException(details)).toEqual({
      text: 'Uncaught no',
      line: 3,
      column: 4,
      sourceUrl: 'https://a.test/x.js',
      isUnhandledRejection: false,
      cut: [],
    })
  })
})
