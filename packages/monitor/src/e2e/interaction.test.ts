// Clicks and keys on a real Chromium, made by a second client: what is told, where, and with which context.
import { launchTestChromium, type TestChromium } from '@tabscope/cdp/testing'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { handsOn } from '../testing/hands.ts'
import { openScene } from '../testing/scene.ts'
import { dataOf } from '../testing/witness.ts'

let chromium: TestChromium

beforeAll(async () => {
  chromium = await launchTestChromium({ args: ['--site-per-process'] })
})

afterAll(async () => {
  await chromium[Symbol.asyncDispose]()
})

const only = { console: { enabled: false }, network: { enabled: false }, page: { enabled: false }, interaction: { enabled: true } }
const all = { interaction: { enabled: true } }

describe.each([
  ['alone', only],
  ['with console', all],
] as const)('%s', (_name, categories) => {
  test('first', async () => {
    await using scene = await openScene({ chromium, categories, pages: { '/': '<!doctype html><button id=go>Go</button><input id=q>' } })
    const tab = await scene.visit('/')
    const hands = handsOn(scene.driver, tab)
    await hands.click('document.querySelector("button")')
    await hands.click('document.querySelector("input")')
    await hands.type('ab')
    await scene.captured.untilCount('interaction_key', 2)
    console.log(
      JSON.stringify(dataOf(scene.captured.drafts, 'interaction_click')),
      JSON.stringify(dataOf(scene.captured.drafts, 'interaction_key')),
    )
    expect(scene.captured.of('interaction_click')).toHaveLength(2)
  })
})
