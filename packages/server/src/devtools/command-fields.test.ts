import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { cdpCommandMethods, registry } from '@tabscope/schema'
import { describe, expect, test } from 'vitest'
import { commandTable, isReported, readCommand } from './command-fields.ts'

interface Parameter {
  readonly name: string
  readonly type?: string
  readonly optional?: boolean
  readonly $ref?: string
  readonly enum?: readonly string[]
  readonly items?: Parameter
  readonly properties?: readonly Parameter[]
}

interface Domain {
  readonly domain: string
  readonly commands: readonly { readonly name: string; readonly parameters?: readonly Parameter[] }[]
  readonly types?: readonly (Parameter & { readonly id: string })[]
}

const file = createRequire(import.meta.url).resolve('devtools-protocol/json/browser_protocol.json')
const protocol: { readonly domains: readonly Domain[] } = JSON.parse(readFileSync(file, 'utf8'))
const secret = 'S3CR3T-nobody-may-see'

function parametersOf(method: string): readonly Parameter[] {
  const [domain, name] = method.split('.')
  const found = protocol.domains.find((each) => each.domain === domain)?.commands.find((each) => each.name === name)
  if (found === undefined) throw new Error(`${method} is not in the protocol`)
  return found.parameters ?? []
}

/** A value of that parameter's type with a secret wherever text may be. Ids and words that a client chooses are not for secrets. */
function hostile(parameter: Parameter, domain: string): unknown {
  const { type, $ref, items, properties } = parameter
  if ($ref !== undefined) {
    const [inDomain = domain, id = $ref] = $ref.includes('.') ? $ref.split('.') : [domain, $ref]
    const found = protocol.domains.find((each) => each.domain === inDomain)?.types?.find((each) => each.id === id)
    return found === undefined ? 'an-id' : hostile({ ...found, name: id }, inDomain)
  }
  if (type === 'object') return Object.fromEntries((properties ?? []).map((each) => [each.name, hostile(each, domain)]))
  if (type === 'array') return items === undefined ? [] : [hostile({ ...items, name: parameter.name }, domain)]
  if (type === 'integer' || type === 'number') return 7
  if (type === 'boolean') return true
  return /(^|[a-z])(id|guid)$/i.test(parameter.name) ? 'an-id' : secret
}

function messageOf(method: string, params: unknown): Buffer {
  return Buffer.from(JSON.stringify({ id: 1, method, params, sessionId: 'session' }))
}

test('the table has exactly the methods of the contract', () => {
  expect(Object.keys(commandTable).sort()).toEqual([...cdpCommandMethods].sort())
  expect([isReported('Page.navigate'), isReported('Runtime.evaluate'), isReported('toString'), isReported('__proto__')]).toEqual([
    true,
    false,
    false,
    false,
  ])
})

describe.each(cdpCommandMethods)('%s', (method) => {
  const parameters = parametersOf(method)
  const { withheld = [] } = commandTable[method]
  const params = Object.fromEntries(parameters.map((parameter) => [parameter.name, hostile(parameter, method.split('.')[0] ?? '')]))

  test('tells or withholds each argument that Chromium knows, by decision', () => {
    const told = parameters.filter(({ name }) => {
      // An argument is told when some value of it, alone, makes a field.
      const values = [params[name], 'http://x/', 'Enter', '', {}, { card: {} }]
      return values.some((value) => Object.values(commandTable[method].fields).some((read) => read({ [name]: value }) !== undefined))
    })
    const untold = parameters.map(({ name }) => name).filter((name) => !told.some((parameter) => parameter.name === name))
    expect(untold.sort()).toEqual([...withheld].sort())
  })

  test('shows no text that a client put into any argument, and fits the schema', () => {
    const data = readCommand(method, messageOf(method, params))
    expect(registry.cdp_command.data.safeParse(data).error).toBeUndefined()
    expect(JSON.stringify(data)).not.toContain(secret)
  })

  test('takes arguments of wrong types for absent, and without a needed one is no event', () => {
    const wrong = Object.fromEntries(parameters.map(({ name }) => [name, [[null, secret, { x: secret }]]]))
    for (const given of [wrong, {}, undefined, null, [secret], secret]) {
      const data = readCommand(method, messageOf(method, given))
      if (data !== undefined) expect(registry.cdp_command.data.safeParse(data).error).toBeUndefined()
      expect(JSON.stringify(data) ?? '').not.toContain(secret)
    }
  })
})

test('a command is told with its numbers, words and lengths', () => {
  const click = { type: 'mousePressed', x: 10.5, y: 20, button: 'left', clickCount: 1, modifiers: 2, pointerType: 'finger', timestamp: 9 }
  const key = { type: 'keyDown', key: 'Enter', text: '\r', code: 'Enter', autoRepeat: false, commands: ['a', 'b'] }
  const texts = [
    readCommand('Input.dispatchMouseEvent', messageOf('Input.dispatchMouseEvent', click)),
    readCommand('Input.dispatchKeyEvent', messageOf('Input.dispatchKeyEvent', key)),
    readCommand('Input.dispatchKeyEvent', messageOf('Input.dispatchKeyEvent', { type: 'char', key: 'h', text: 'h' })),
    readCommand('Input.insertText', messageOf('Input.insertText', { text: 'añ😀' })),
    readCommand('Page.navigate', messageOf('Page.navigate', { url: 'HTTPS://host/?q=1', referrer: '' })),
    readCommand('Page.navigate', messageOf('Page.navigate', { url: 'hunter2:80/' })),
    readCommand('Autofill.trigger', messageOf('Autofill.trigger', { fieldId: 3, address: { fields: [{}, {}] } })),
  ]
  const shared = { command_id: 1, session_id: 'session' }
  expect(texts).toEqual([
    {
      ...{ method: 'Input.dispatchMouseEvent', ...shared, event_type: 'mousePressed', x: 10.5, y: 20, button: 'left', click_count: 1 },
      ...{ modifiers: 2, pointer_type: 'other' },
    },
    {
      ...{ method: 'Input.dispatchKeyEvent', ...shared, event_type: 'keyDown', text_length: 1, named_key: 'Enter' },
      ...{ auto_repeat: false, command_count: 2 },
    },
    { method: 'Input.dispatchKeyEvent', ...shared, event_type: 'char', text_length: 1 },
    { method: 'Input.insertText', ...shared, text_length: 3 },
    { method: 'Page.navigate', ...shared, url_scheme: 'https', referrer_present: false },
    { method: 'Page.navigate', ...shared, url_scheme: 'other' },
    { method: 'Autofill.trigger', ...shared, field_id: 3, mode: 'address', address_field_count: 2 },
  ])
})

test('ids are clipped to whole characters', () => {
  const data = readCommand('Target.closeTarget', messageOf('Target.closeTarget', { targetId: 'é'.repeat(100) }))
  expect(data).toMatchObject({ target_id: 'é'.repeat(64) })
})
