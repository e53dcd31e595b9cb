// The options of the first API of this design as a configuration of today. Pure. Its booleans named kinds of events, not categories,
// so most of them become a selection of types; names of triggers had no prefix.
import {
  type EventTypeIn,
  invalidRequest,
  type NetworkConfig,
  type PageConfig,
  type ScreenshotTrigger,
  type StartRequest,
  screenshotTriggers,
  type TelemetryConfig,
  typesOf,
  withCategories,
} from '@tabscope/schema'

/** A configuration and what its user should know about it. */
export interface Translation {
  readonly config: TelemetryConfig
  readonly warnings: readonly string[]
}

type PageOption = 'navigation' | 'dom' | 'layout_shifts' | 'targets' | 'computed_events'

const pageTypes: Readonly<Record<PageOption, readonly EventTypeIn<'page'>[]>> = {
  navigation: ['page_navigation', 'page_navigated_within_document', 'page_navigation_failed', 'page_dom_content_loaded', 'page_load'],
  dom: ['page_dom_updated'],
  layout_shifts: ['page_layout_shift'],
  targets: ['page_tab_opened', 'page_tab_closed', 'page_crashed', 'page_worker_ended'],
  computed_events: ['page_layout_settled', 'page_navigation_settled'],
}

/** What computed events are computed from. */
const dependencies = ['network', 'navigation', 'layout_shifts', 'interactions'] as const

const oldTriggerNames: Readonly<Record<string, ScreenshotTrigger>> = {
  navigation_settled: 'page_navigation_settled',
  layout_settled: 'page_layout_settled',
  scroll_settled: 'interaction_scroll_settled',
}

/** The configuration that the options ask for; everything they do not name is as in `defaults`. Throws `invalid_request`. */
export function configFromStart(request: StartRequest, defaults: TelemetryConfig): Translation {
  const { options, warnings } = withDependencies(request)
  const page = pageOf(options, defaults.browser.page)
  const network = networkOf(options, defaults.browser.network)
  const enabled = new Set(
    (
      [
        ['console', options.console === true],
        ['network', network.enabled],
        ['page', page.enabled],
        ['interaction', options.interactions === true],
        ['screenshot', options.screenshots === true],
      ] as const
    ).flatMap(([category, isOn]) => (isOn ? [category] : [])),
  )
  const { browser, ...rest } = withCategories(defaults, enabled)
  const triggers = options.screenshot_triggers?.map(triggerNamed) ?? browser.screenshot.triggers
  return { config: { ...rest, browser: { ...browser, network, page, screenshot: { ...browser.screenshot, triggers } } }, warnings }
}

function withDependencies(request: StartRequest): { options: StartRequest; warnings: readonly string[] } {
  const options = { ...request }
  // Bodies are parts of the events of requests, so without those there would be nothing to carry them.
  const implied = options.network_response_body === true && options.network !== true ? (['network'] as const) : []
  const missing = options.computed_events === true ? dependencies.filter((name) => options[name] !== true) : []
  for (const name of [...implied, ...missing]) options[name] = true
  return {
    options,
    warnings: [
      ...implied.map((name) => `network_response_body needs ${name}, which was switched on with it.`),
      ...missing
        .filter((name) => !implied.some((other) => other === name))
        .map((name) => `computed_events needs ${name}, which was switched on with it.`),
    ],
  }
}

function pageOf(options: StartRequest, base: PageConfig): PageConfig {
  const chosen = Object.entries(pageTypes).filter(([name]) => options[name as PageOption] === true)
  return {
    ...base,
    enabled: chosen.length > 0,
    types: chosen.flatMap(([, types]) => types),
    settled_events: options.computed_events === true,
    // Document updates exist from this level on.
    detail_level: options.dom === true ? 'verbose' : base.detail_level,
  }
}

function networkOf(options: StartRequest, base: NetworkConfig): NetworkConfig {
  const { body_limit_bytes: _bodyLimit, ...rest } = base
  const types = typesOf('network').filter((type) => type !== 'network_idle' || options.computed_events === true)
  return {
    ...rest,
    enabled: options.network === true,
    types,
    ...(options.network_response_body === true ? {} : { body_limit_bytes: 0 }),
  }
}

function triggerNamed(name: string, position: number): ScreenshotTrigger {
  const trigger = oldTriggerNames[name] ?? screenshotTriggers.find((known) => known === name)
  if (trigger !== undefined) return trigger
  const known = [...screenshotTriggers, ...Object.keys(oldTriggerNames)].join(', ')
  throw invalidRequest(`body.screenshot_triggers[${position}]`, `${JSON.stringify(name.slice(0, 64))} is not one of ${known}`)
}
