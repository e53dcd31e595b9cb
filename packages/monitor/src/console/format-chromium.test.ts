// Console calls and exceptions of a real Chromium, formatted and compared with a committed table.
import { openConnection, openWebSocket } from '@tabscope/cdp'
import { launchTestChromium } from '@tabscope/cdp/testing'
import { systemClock } from '@tabscope/schema'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { formatArguments } from './format-arguments.ts'
import { formatException } from './format-exception.ts'
import { allCases } from './testing/console-cases.ts'
import { fieldOf, textOf } from './untrusted.ts'

interface Page extends AsyncDisposable {
  /** Runs a script and gives what it made Chromium tell before it was done. */
  run(script: string): Promise<unknown[]>
  /** Runs a script and gives the first exceptions that Chromium tells, as many as asked for. */
  exceptions(script: string, count: number): Promise<unknown[]>
}

async function openPage(): Promise<Page> {
  const chromium = await launchTestChromium()
  const told: { method: string; params: unknown }[] = []
  let notice = (): void => undefined
  const connection = await openConnection({
    open: openWebSocket(chromium.wsUrl),
    clock: systemClock,
    wanted: new Set(['Runtime.consoleAPICalled', 'Runtime.exceptionThrown']),
    onMessage: ({ method, params }) => {
      told.push({ method, params })
      notice()
    },
    onClosed: () => undefined,
    signal: new AbortController().signal,
  })
  const send = async (method: string, params: object, sessionId?: string): Promise<unknown> => {
    const answer = await connection.send(sessionId, method, params)
    if (!answer.ok) throw new Error(`${method}: ${answer.message}`)
    return answer.result
  }
  const { targetId } = (await send('Target.createTarget', { url: 'about:blank' })) as { targetId: string }
  const { sessionId } = (await send('Target.attachToTarget', { targetId, flatten: true })) as { sessionId: string }
  await send('Runtime.enable', {}, sessionId)
  const take = (method: string): unknown[] => told.splice(0).flatMap((event) => (event.method === method ? [event.params] : []))
  const evaluate = (expression: string): Promise<unknown> => send('Runtime.evaluate', { expression }, sessionId)
  return {
    run: async (script) => {
      take('')
      await evaluate(script)
      return take('Runtime.consoleAPICalled')
    },
    exceptions: async (script, count) => {
      take('')
      const enough = new Promise<void>((resolve) => {
        notice = () => told.length >= count && resolve()
      })
      await evaluate(script)
      await enough
      return take('Runtime.exceptionThrown')
    },
    [Symbol.asyncDispose]: async () => {
      connection.close()
      await chromium[Symbol.asyncDispose]()
    },
  }
}

let page: Page
beforeAll(async () => {
  page = await openPage()
})
afterAll(async () => page[Symbol.asyncDispose]())

describe('a console call of a real Chromium', () => {
  test.each(allCases)('$call', async ({ call, text, args }) => {
    const calls = await page.run(call)
    const shown = calls.map((params) => {
      const level = textOf(fieldOf(params, 'type'))
      return formatArguments(fieldOf(params, 'args'), { level })
    })
    expect(shown).toEqual([{ text, args: args ?? [text], cut: [] }])
  })

  test('has previews as data at verbose', async () => {
    const [params] = await page.run("console.log('x', {a: 1, b: {c: 2}}, new Map([['k', {d: 3}]]), null)")
    expect(formatArguments(fieldOf(params, 'args'), { withPreview: true }).preview).toEqual([
      { type: 'string', value: 'x' },
      {
        type: 'object',
        class_name: 'Object',
        description: 'Object',
        properties: [
          { name: 'a', type: 'number', value: '1' },
          { name: 'b', type: 'object', description: 'Object' },
        ],
      },
      {
        type: 'object',
        subtype: 'map',
        class_name: 'Map',
        description: 'Map(1)',
        properties: [{ name: 'size', type: 'number', value: '1' }],
        entries: [
          {
            key: { type: 'string', value: 'k' },
            value: { type: 'object', description: 'Object', properties: [{ name: 'd', type: 'number', value: '3' }] },
          },
        ],
      },
      { type: 'object', subtype: 'null', value: 'null' },
    ])
  })
})

describe('an exception of a real Chromium', () => {
  const thrown = (values: readonly string[]): string => values.map((value) => `setTimeout(() => { throw ${value} });`).join('\n')

  test.each([
    ["new Error('boom')", 'Uncaught Error: boom'],
    ["new TypeError('first\\nsecond')", 'Uncaught TypeError: first'],
    ["Object.assign(new Error('changed'), {stack: 'forged'})", 'Uncaught Error: changed'],
    ["new DOMException('gone', 'AbortError')", 'Uncaught AbortError: gone'],
    ["'text'", 'Uncaught text'],
    ['5', 'Uncaught 5'],
    ['10n', 'Uncaught 10n'],
    ['null', 'Uncaught null'],
    ['undefined', 'Uncaught undefined'],
    ["Symbol('x')", 'Uncaught Symbol(x)'],
    ["{code: 1, name: 'E'}", "Uncaught {code: 1, name: 'E'}"],
    ['[1, 2]', 'Uncaught (2) [1, 2]'],
    ['function f() {}', 'Uncaught ƒ f() {}'],
  ])('thrown as %s', async (value, text) => {
    const [params] = await page.exceptions(thrown([`(${value})`]), 1)
    const { line, isUnhandledRejection, cut, ...rest } = formatException(fieldOf(params, 'exceptionDetails'))
    expect({ text: rest.text, line, isUnhandledRejection, cut }).toEqual({ text, line: 0, isUnhandledRejection: false, cut: [] })
  })

  test.each([
    ["Promise.reject(new Error('rejected'))", 'Uncaught (in promise) Error: rejected'],
    ["Promise.reject('why')", 'Uncaught (in promise) why'],
    ['Promise.reject()', 'Uncaught (in promise) undefined'],
    ['Promise.reject({code: 1})', 'Uncaught (in promise) {code: 1}'],
  ])('rejected by %s', async (script, text) => {
    const [params] = await page.exceptions(script, 1)
    const formatted = formatException(fieldOf(params, 'exceptionDetails'))
    expect([formatted.text, formatted.isUnhandledRejection]).toEqual([text, true])
  })

  test('says where it was thrown, with its stack', async () => {
    const script = 'setTimeout(function later() {\n  throw new Error("here")\n})\n//# sourceURL=https://a.test/app.js'
    const [params] = await page.exceptions(script, 1)
    const formatted = formatException(fieldOf(params, 'exceptionDetails'))
    const frames = formatted.stackTrace?.callFrames.map(({ scriptId, ...frame }) => ({ ...frame, hasScript: scriptId !== '' }))
    expect({ ...formatted, stackTrace: frames }).toEqual({
      text: 'Uncaught Error: here',
      line: 1,
      column: 8,
      sourceUrl: 'https://a.test/app.js',
      isUnhandledRejection: false,
      stackTrace: [{ functionName: 'later', url: 'https://a.test/app.js', lineNumber: 1, columnNumber: 8, hasScript: true }],
      cut: [],
    })
  })
})
