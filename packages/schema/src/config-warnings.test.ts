import { expect, test } from 'vitest'
import { replaceConfig } from './config-request.ts'
import { warningsFor } from './config-warnings.ts'

function warned(browser: unknown): readonly string[] {
  return warningsFor(replaceConfig(undefined, { browser })).map((warning) => `${warning.path}: ${warning.message.split(',')[0]}`)
}

test.each([
  [{ console: { enabled: true } }],
  [{ network: { enabled: true }, page: { enabled: true } }],
  [{ page: { enabled: true, settled_events: false } }],
  [{ page: { enabled: true, types: ['page_load', 'page_layout_settled'] } }],
  [{ network: { enabled: true, types: ['network_request'] } }],
  [{ screenshot: { enabled: false, triggers: [] } }],
])('a configuration whose categories suffice for themselves has no warning: %j', (browser) => {
  expect(warned(browser)).toEqual([])
})

test('network alone watches pages for the idle event', () => {
  expect(warned({ network: { enabled: true } })).toEqual(['browser.network: network_idle needs page'])
})

test('page alone watches the network for the settled event', () => {
  expect(warned({ page: { enabled: true } })).toEqual(['browser.page.settled_events: page_navigation_settled needs network'])
})

test('screenshots watch what their triggers need', () => {
  expect(warned({ screenshot: { enabled: true } })).toEqual([
    'browser.screenshot.triggers: the trigger error needs console',
    'browser.screenshot.triggers: the trigger page_navigation_settled needs page and network',
  ])
})

test('screenshots without a trigger say that none will be taken', () => {
  expect(warned({ screenshot: { enabled: true, triggers: [] } })).toEqual([
    'browser.screenshot.triggers: Screenshots are on without a trigger',
  ])
})
