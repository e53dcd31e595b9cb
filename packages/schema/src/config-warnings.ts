// What a configuration brings along that its words do not say: computed events and triggers that need more than their own
// category. What is missing is then enabled for counting only; nothing of it is published.
// Follows design monitor, Attach 5.
import type { SettableCategory } from './category.ts'
import type { ScreenshotTrigger, TelemetryConfig } from './config.ts'

/** Something that whoever sent the configuration should know. */
export interface ConfigWarning {
  readonly code: 'enabled_for_counting' | 'empty_selection'
  /** Which key of the configuration brought it about. */
  readonly path: string
  readonly message: string
}

const triggerNeeds: Readonly<Record<ScreenshotTrigger, readonly SettableCategory[]>> = {
  error: ['console'],
  page_load: ['page'],
  page_navigation_settled: ['page', 'network'],
  page_layout_settled: ['page'],
  network_idle: ['network', 'page'],
  interaction_scroll_settled: ['interaction'],
}

/** The warnings of a configuration, in the order of its keys; none for most. */
export function warningsFor(config: TelemetryConfig): readonly ConfigWarning[] {
  const { network, page, screenshot } = config.browser
  const warnings: (ConfigWarning | undefined)[] = []
  if (network.enabled && captures(network.types, 'network_idle')) {
    warnings.push(counting(config, ['page'], { path: 'browser.network', computed: 'network_idle' }))
  }
  const settled = page.enabled && page.settled_events
  if (settled && captures(page.types, 'page_navigation_settled')) {
    warnings.push(counting(config, ['network'], { path: 'browser.page.settled_events', computed: 'page_navigation_settled' }))
  }
  if (screenshot.enabled) {
    for (const trigger of screenshot.triggers) {
      warnings.push(counting(config, triggerNeeds[trigger], { path: 'browser.screenshot.triggers', computed: `the trigger ${trigger}` }))
    }
    if (screenshot.triggers.length === 0) warnings.push(noTriggers)
  }
  return warnings.filter((warning) => warning !== undefined)
}

const noTriggers: ConfigWarning = {
  code: 'empty_selection',
  path: 'browser.screenshot.triggers',
  message: 'Screenshots are on without a trigger, so none will be taken. Name at least one trigger.',
}

function captures(types: readonly string[] | undefined, type: string): boolean {
  return types === undefined || types.includes(type)
}

function counting(
  config: TelemetryConfig,
  needs: readonly SettableCategory[],
  source: { readonly path: string; readonly computed: string },
): ConfigWarning | undefined {
  const missing = needs.filter((category) => !config.browser[category].enabled)
  if (missing.length === 0) return undefined
  const names = missing.join(' and ')
  return {
    code: 'enabled_for_counting',
    path: source.path,
    message: `${source.computed} needs ${names}, which is watched for that but not published. Enable ${names} to get its events, or leave ${source.computed} out.`,
  }
}
