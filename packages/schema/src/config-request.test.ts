import { describe, expect, test } from 'vitest'
import { type SettableCategory, settableCategories } from './category.ts'
import { configOff, type TelemetryConfig, withCategories } from './config.ts'
import { anyEnabled, mergeConfig, replaceConfig } from './config-request.ts'
import { telemetryConfigSchema } from './config-schema.ts'

function enabledIn(config: TelemetryConfig): readonly SettableCategory[] {
  return settableCategories.filter((category) => config.browser[category].enabled)
}

function errorOf(run: () => unknown): unknown {
  try {
    return run()
  } catch (error) {
    const { code, message } = error as { code: string; message: string }
    return { code, message }
  }
}

const defaultSet = ['control', 'connection', 'system', 'captcha']
const networkOn = replaceConfig(undefined, { browser: { network: { enabled: true } } })

describe('replacing the configuration', () => {
  test.each([[undefined], [null], [{}], [{ export: { otlp: { enabled: true } } }], [{ browser: null }], [{ some_newer_key: 1 }]])(
    'with the body %j captures the default set, which has no screenshots and nothing of the browser',
    (body) => {
      expect(enabledIn(replaceConfig(networkOn, body))).toEqual(defaultSet)
    },
  )

  test('with `browser` captures exactly what it enables, without the default set', () => {
    const browser = { console: { enabled: true }, network: {}, page: { enabled: null }, system: { enabled: false }, captcha: null }
    expect(enabledIn(replaceConfig(networkOn, { browser }))).toEqual(['console'])
  })

  test.each([
    [{}],
    [{ console: {} }],
    [{ console: { detail_level: 'raw' } }],
    [Object.fromEntries(settableCategories.map((name) => [name, { enabled: false }]))],
  ])('with nothing enabled in `browser` (%j) is off', (browser) => {
    expect(anyEnabled(replaceConfig(networkOn, { browser }))).toBe(false)
  })

  test('says every category, option and toggle explicitly', () => {
    expect(telemetryConfigSchema.parse(replaceConfig(undefined, {}))).toEqual(
      withCategories(configOff, new Set(['control', 'connection', 'system', 'captcha'])),
    )
  })

  test('forgets the options of before, resets export to off and storage to on', () => {
    const before = replaceConfig(undefined, {
      browser: { network: { enabled: true, detail_level: 'raw', url_include: ['*'] } },
      export: { otlp: { enabled: true } },
      storage: { enabled: false },
      labels: { a: '1' },
    })
    const after = replaceConfig(before, { browser: { network: { enabled: true } } })
    expect(after).toEqual(withCategories(configOff, new Set(['network'])))
  })

  test('starts from what the server was started with where the body says nothing', () => {
    const defaults: TelemetryConfig = { ...configOff, attach_mode: 'complete', labels: { egress: '192.0.2.1' } }
    const { attach_mode, labels } = replaceConfig(undefined, { browser: { page: { enabled: true } }, labels: { k: 'v' } }, defaults)
    expect({ attach_mode, labels }).toEqual({ attach_mode: 'complete', labels: { egress: '192.0.2.1', k: 'v' } })
  })

  test('keeps the excluded CDP methods unless the body gives a list, and an empty list reports all again', () => {
    const first = replaceConfig(undefined, {
      browser: { control: { cdp: { excluded_methods: ['Page.reload', 'DOM.focus', 'Page.reload'] } } },
    })
    const lists = [{}, { browser: { control: { enabled: true } } }, { browser: { control: { cdp: { excluded_methods: [] } } } }].map(
      (body) => replaceConfig(first, body).browser.control.cdp.excluded_methods,
    )
    expect(lists).toEqual([['DOM.focus', 'Page.reload'], ['DOM.focus', 'Page.reload'], []])
  })

  test('takes `api` as the old name of `control`, and `control` when both are there', () => {
    expect(enabledIn(replaceConfig(undefined, { browser: { api: { enabled: true } } }))).toEqual(['control'])
    expect(enabledIn(replaceConfig(undefined, { browser: { api: { enabled: true }, control: { enabled: false } } }))).toEqual([])
  })

  test('ignores keys that it does not know, at any depth', () => {
    const config = replaceConfig(undefined, { newer: [1], browser: { page: { enabled: true, newer: {} } }, export: { s3: true } })
    expect(config).toEqual(withCategories(configOff, new Set(['page'])))
  })

  test('takes every option', () => {
    const browser = {
      console: { enabled: true, detail_level: 'verbose', types: ['console_error'] },
      network: { enabled: true, body_limit_bytes: 0, url_include: ['https://a/*'], url_exclude: ['*.png'], resource_types: ['XHR'] },
      page: { enabled: true, settled_events: false },
      interaction: { keys: false },
      control: { enabled: false, cdp: { excluded_methods: ['DOM.focus'] } },
      screenshot: { triggers: ['page_load'], min_interval_ms: 500, scope: 'page' },
    } as const
    const whole = {
      attach_mode: 'complete',
      redaction: { enabled: false, headers: ['x-mine'], parameters: ['pin'], except: ['console'] },
      export: { otlp: { enabled: true } },
      storage: { enabled: false },
      labels: { a: 'b' },
    } as const
    const off = configOff.browser
    expect(replaceConfig(undefined, { browser, ...whole })).toEqual({
      browser: {
        ...off,
        console: { ...off.console, ...browser.console },
        network: { ...off.network, ...browser.network },
        page: { ...off.page, ...browser.page },
        interaction: { ...off.interaction, ...browser.interaction },
        control: { ...off.control, ...browser.control },
        screenshot: { ...off.screenshot, ...browser.screenshot },
      },
      ...whole,
    })
  })
})

describe('merging into the configuration', () => {
  test.each([
    [undefined],
    [{}],
    [{ browser: {} }],
    [{ browser: { network: {} } }],
    [{ browser: { network: { enabled: null } } }],
    [{ storage: {} }],
  ])('with the body %j changes nothing', (body) => {
    expect(mergeConfig(networkOn, body)).toEqual(networkOn)
  })

  test('changes explicit values only', () => {
    const merged = mergeConfig(networkOn, {
      browser: { console: { enabled: true }, network: { detail_level: 'verbose' } },
      storage: { enabled: false },
    })
    expect(merged).toEqual({
      ...networkOn,
      browser: {
        ...networkOn.browser,
        console: { enabled: true, detail_level: 'standard' },
        network: { enabled: true, detail_level: 'verbose' },
      },
      storage: { enabled: false },
    })
  })

  test('that turns the last category off leaves nothing enabled', () => {
    expect(anyEnabled(mergeConfig(networkOn, { browser: { network: { enabled: false } } }))).toBe(false)
  })

  test('leaves the excluded methods alone unless it gives a list, whatever happens to `enabled`', () => {
    const excluded = mergeConfig(networkOn, { browser: { control: { enabled: true, cdp: { excluded_methods: ['DOM.focus'] } } } })
    const toggled = mergeConfig(mergeConfig(excluded, { browser: { control: { enabled: false } } }), {
      browser: { control: { enabled: true } },
    })
    expect(toggled).toEqual(excluded)
    expect(mergeConfig(toggled, { browser: { control: { cdp: { excluded_methods: [] } } } }).browser.control.cdp.excluded_methods).toEqual(
      [],
    )
  })

  test('lifts a restriction by an empty list', () => {
    const restricted = mergeConfig(networkOn, { browser: { network: { types: ['network_request'], url_include: ['*'] } } })
    expect(restricted.browser.network).toEqual({ enabled: true, detail_level: 'standard', types: ['network_request'], url_include: ['*'] })
    expect(mergeConfig(restricted, { browser: { network: { types: [], url_include: [] } } })).toEqual(networkOn)
  })

  test('sets and removes single labels', () => {
    const labelled = mergeConfig(networkOn, { labels: { a: '1', b: '2' } })
    expect(mergeConfig(labelled, { labels: { a: null, c: '3' } }).labels).toEqual({ b: '2', c: '3' })
  })

  test('never changes the configuration that it is given', () => {
    const before = structuredClone(networkOn)
    mergeConfig(networkOn, { browser: { network: { enabled: false, url_include: ['x'] } }, labels: { a: '1' } })
    expect(networkOn).toEqual(before)
  })
})

describe('a configuration that is refused', () => {
  const known = 'console, network, page, interaction, control, platform, connection, system, screenshot, captcha'

  test.each(['monitor', 'networks', 'Network', '__proto__', 'toString'])('names the category %s and the ones that can be set', (name) => {
    const body = JSON.parse(`{"browser":{"console":{"enabled":true},"${name}":{"enabled":true}}}`)
    expect(errorOf(() => replaceConfig(undefined, body))).toEqual({
      code: 'unknown_category',
      message: `Category "${name}" is not one that can be used here. Known: ${known}.`,
    })
  })

  test.each([
    ['text', 'body: expected a JSON object'],
    [[], 'body: expected a JSON object'],
    [{ browser: [] }, 'body.browser: expected object, received array'],
    [{ browser: 'all' }, 'body.browser: expected object, received string'],
    [{ browser: { page: true } }, 'body.browser.page: expected object, received boolean'],
    [{ browser: { page: { enabled: 'yes' } } }, 'body.browser.page.enabled: expected boolean, received string'],
    [{ browser: { api: { enabled: 1 } } }, 'body.browser.control.enabled: expected boolean, received number'],
    [{ browser: { network: { url_include: ['a', 2] } } }, 'body.browser.network.url_include[1]: expected string, received number'],
    [{ storage: { enabled: 'off' } }, 'body.storage.enabled: expected boolean, received string'],
    [{ labels: { 'my ip': 1 } }, 'body.labels["my ip"]: expected string, received number'],
    [
      { browser: { console: { types: ['console_log', 'page_load'] } } },
      'body.browser.console.types[1]: page_load belongs to category page',
    ],
  ])('names the path of what is wrong: %j', (body, message) => {
    expect(errorOf(() => replaceConfig(undefined, body))).toEqual({
      code: 'invalid_request',
      message: `${message}. See /openapi.json for what this route takes.`,
    })
  })

  test('with too many labels says how many are kept', () => {
    const labels = Object.fromEntries(Array.from({ length: 65 }, (_, index) => [`l${index}`, 'x']))
    expect(errorOf(() => mergeConfig(networkOn, { labels }))).toMatchObject({ message: expect.stringContaining('65 labels, at most 64') })
  })
})
