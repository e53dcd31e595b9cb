import { describe, expect, test } from 'vitest'
import { categories } from './category.ts'
import { contextShape } from './context.ts'
import { errorTable } from './errors.ts'
import { fieldsOf } from './fields.ts'
import { definitionOf, eventTypes, isKnownType, registry, typesOf } from './registry.ts'
import pinned from './testing/pinned-names.json' with { type: 'json' }

const definitions = eventTypes.map((type) => registry[type])

test('every definition is found under the name of its type', () => {
  expect(definitions.map((definition) => definition.type)).toEqual(eventTypes)
})

test('a name that was published once stays: event types', () => {
  expect(pinned.eventTypes.filter((type) => !isKnownType(type))).toEqual([])
})

test('a name that was published once stays: error codes', () => {
  expect(pinned.errorCodes.filter((code) => !Object.hasOwn(errorTable, code))).toEqual([])
})

test('type names are snake_case and end in no version or id', () => {
  expect(eventTypes.filter((type) => !/^[a-z]+(_[a-z]+)+$/.test(type))).toEqual([])
})

test('every category has types, and every type is in exactly one', () => {
  expect(categories.filter((category) => typesOf(category).length === 0)).toEqual([])
  expect(categories.flatMap((category) => [...typesOf(category)]).sort()).toEqual([...eventTypes].sort())
})

test('with the default categories no type is ever sent that a strict published client does not know', () => {
  const sent = (['control', 'connection', 'system', 'captcha'] as const).flatMap((category) => [...typesOf(category)])
  expect(sent.filter((type) => registry[type].contract === 'tabscope')).toEqual([])
})

describe.each(definitions)('the definition of $type', (definition) => {
  const fields = fieldsOf(definition)

  test('describes every field but the parts of commands', () => {
    const bare = fields.filter((field) => field.notes.description === undefined).map((field) => field.name)
    expect(definition.type === 'cdp_command' ? [] : bare).toEqual([])
  })

  test('has the browser context exactly when it says so', () => {
    const names = new Set(fields.map((field) => field.name))
    expect(Object.keys(contextShape).every((name) => names.has(name))).toBe(definition.context)
  })

  test('never requires a field that is not captured at minimal', () => {
    expect(fields.filter((field) => field.required && field.notes.detail !== undefined).map((field) => field.name)).toEqual([])
  })

  test('uses snake_case for its fields', () => {
    expect(fields.map((field) => field.name).filter((name) => !/^[a-z]+(_[a-z]+)*$/.test(name))).toEqual([])
  })
})

test('what can hold a secret is marked as such', () => {
  const contextual = new Set(Object.keys(contextShape))
  const marked = definitions.flatMap((definition) =>
    fieldsOf(definition)
      .filter((field) => field.notes.sensitive !== undefined && !contextual.has(field.name))
      .map((field) => `${definition.type}.${field.name}: ${field.notes.sensitive}`),
  )
  expect(marked).toEqual([
    'console_log.text: text',
    'console_log.args: text',
    'console_log.stack_trace: text',
    'console_log.args_preview: text',
    'console_log.source_url: url',
    'console_error.text: text',
    'console_error.args: text',
    'console_error.source_url: url',
    'console_error.stack_trace: text',
    'console_error.args_preview: text',
    'network_request.document_url: url',
    'network_request.redirect_url: url',
    'network_request.headers: headers',
    'network_request.post_data: form',
    'network_request.initiator_stack: text',
    'network_response.status_text: text',
    'network_response.headers: headers',
    'network_response.request_headers: headers',
    'network_response.body: body',
    'network_idle.ignored_requests: text',
    'network_websocket_opened.headers: headers',
    'network_websocket_frame.payload: body',
    'network_event_source_message.event_name: text',
    'network_event_source_message.event_id: text',
    'network_event_source_message.data: body',
    'page_tab_opened.title: text',
    'page_lcp.lcp_details: text',
    'page_navigation_settled.ignored_requests: text',
    'page_dialog_opened.message: text',
    'page_dialog_opened.default_prompt: text',
    'page_download_started.suggested_filename: text',
    'page_download_finished.suggested_filename: text',
    'interaction_click.selector: text',
    'interaction_click.text: text',
    'interaction_click.name: text',
    'interaction_click.test_id: text',
    'interaction_key.selector: text',
    'interaction_scroll_settled.target_selector: text',
    'api_call.code: text',
  ])
})

test('every url field of an event is redacted as a URL', () => {
  const urls = definitions.flatMap((definition) => fieldsOf(definition).filter((field) => field.name === 'url'))
  expect(urls.map((field) => field.notes.sensitive).filter((sensitive) => sensitive !== 'url')).toEqual([])
})

test('a name that objects inherit is not a type', () => {
  expect(['toString', '__proto__', 'constructor', ''].map((name) => [isKnownType(name), definitionOf(name)])).toEqual(
    Array(4).fill([false, undefined]),
  )
})
