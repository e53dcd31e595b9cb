// From a configuration to what has to be asked of Chromium: which domains, which messages, which events.
// A domain is enabled only while something that is on needs it. Never sends anything itself.
import {
  type BrowserCategory,
  type BrowserConfig,
  browserCategories,
  type DetailLevel,
  definitionOf,
  detailRank,
  type EventDraft,
  type EventType,
  eventTypes,
  fieldsOf,
  type TargetType,
  type TelemetryConfig,
} from '@tabscope/schema'
import { compileUrlFilter, type UrlFilter } from './url-match.ts'

/** CDP domains that the monitor can need on a session, and one of our own: the page script. */
export type Domain = 'Network' | 'Page' | 'DOM' | 'PerformanceTimeline' | 'Inspector' | 'Log' | 'Runtime' | 'Interaction'

/** One field of `data` of one type, such as `network_response.body`. */
export type CapturedField = { [Type in EventType]: `${Type}.${keyof EventDraft<Type>['data'] & string}` }[EventType]

/** Everything that translators ask about the configuration, worked out once per change. */
export interface CapturePlan {
  readonly captureSessionId: string
  readonly config: BrowserConfig
  readonly domains: ReadonlySet<Domain>
  /** Whether events of this type are wanted at all, and at the configured detail level. */
  publishes(type: EventType): boolean
  /** Whether somebody has a use for events of this type: a reader, or a screenshot that they trigger. */
  notices(type: EventType): boolean
  /** Whether events of this type have this field at the configured detail level: the registry says from which level on. */
  captures(field: CapturedField): boolean
  /** Whether a category captures CDP's own parameters. */
  readonly capturesCdp: boolean
  /** Whether the category captures at least this much. */
  atLeast(category: BrowserCategory, level: DetailLevel): boolean
  /** Whether a tab's settling is computed, for an event of its own or as somebody's trigger. */
  readonly settles: boolean
  readonly url: UrlFilter
  /** Requests to the server that captures: its stream must not hold the reading of itself. */
  isOwnUrl(url: string): boolean
  readonly resourceTypes: ReadonlySet<string> | undefined
}

/** Works out what a configuration needs. */
export function planCapture(
  config: TelemetryConfig,
  captureSessionId: string,
  isOwnUrl: (url: string) => boolean = () => false,
): CapturePlan {
  const { browser } = config
  const types = new Set(eventTypes.filter((type) => publishesType(browser, type)))
  const fields = capturedFields(browser, types)
  const ranks = Object.fromEntries(
    browserCategories.map((category) => [category, browser[category].enabled ? detailRank(browser[category].detail_level) : -1]),
  ) as Readonly<Record<BrowserCategory, number>>
  const triggers = browser.screenshot.enabled ? new Set<string>(browser.screenshot.triggers) : new Set<string>()
  const publishes = (type: EventType): boolean => types.has(type)
  const noticed = new Set<string>([...types, ...triggers, ...(triggers.has('error') ? ['console_error'] : [])])
  const settles = (['network_idle', 'page_layout_settled', 'page_navigation_settled'] as const).some((type) => noticed.has(type))
  return {
    captureSessionId,
    isOwnUrl,
    config: browser,
    domains: neededDomains(browser, { settles, layout: [...settledTypes].some((type) => noticed.has(type)), triggers }),
    publishes,
    captures: (field) => fields.has(field),
    capturesCdp: browserCategories.some((category) => browser[category].enabled && browser[category].detail_level === 'raw'),
    notices: (type) => noticed.has(type),
    atLeast: (category, level) => ranks[category] >= detailRank(level),
    settles,
    url: compileUrlFilter(browser.network.url_include, browser.network.url_exclude),
    resourceTypes: browser.network.resource_types === undefined ? undefined : new Set(browser.network.resource_types),
  }
}

const settledTypes: ReadonlySet<string> = new Set(['page_layout_settled', 'page_navigation_settled'])

function publishesType(browser: BrowserConfig, type: EventType): boolean {
  const definition = definitionOf(type)
  if (definition === undefined || definition.category === 'monitor') return false
  const category = browser[definition.category]
  if (!category.enabled || detailRank(category.detail_level) < detailRank(definition.detail)) return false
  if (settledTypes.has(type) && !browser.page.settled_events) return false
  return category.types === undefined || category.types.includes(type)
}

// From the registry, so that what a level adds is said in one place.
function capturedFields(browser: BrowserConfig, types: ReadonlySet<EventType>): ReadonlySet<string> {
  const fields = new Set<string>()
  for (const type of types) {
    const definition = definitionOf(type)
    if (definition === undefined || definition.category === 'monitor') continue
    const rank = detailRank(browser[definition.category].detail_level)
    for (const { name, notes } of fieldsOf(definition)) if (detailRank(notes.detail ?? 'minimal') <= rank) fields.add(`${type}.${name}`)
  }
  return fields
}

function neededDomains(
  browser: BrowserConfig,
  needs: { settles: boolean; layout: boolean; triggers: ReadonlySet<string> },
): ReadonlySet<Domain> {
  const domains = new Set<Domain>()
  // Every event from the browser says which navigation it belongs to, so each category needs Page.
  if (browserCategories.some((category) => browser[category].enabled)) domains.add('Page').add('Inspector')
  if (browser.network.enabled || needs.settles) domains.add('Network')
  if (browser.page.enabled || needs.layout) domains.add('PerformanceTimeline')
  if (publishesType(browser, 'page_dom_updated')) domains.add('DOM')
  if (browser.console.enabled) domains.add('Log')
  if (browser.console.enabled || needs.triggers.has('error')) domains.add('Runtime')
  if (browser.interaction.enabled || needs.triggers.has('interaction_scroll_settled')) domains.add('Interaction')
  return domains
}

// Page first: the answer about the frames comes before any request of theirs, which then has the right navigation.
const documentDomains: readonly Domain[] = ['Page', 'Network', 'DOM', 'PerformanceTimeline', 'Inspector', 'Log', 'Runtime', 'Interaction']
const workerDomains: readonly Domain[] = ['Network', 'Inspector', 'Log', 'Runtime']

/** The domains of the plan that a target of this type has, in the order in which they are enabled. */
export function domainsFor(plan: CapturePlan, targetType: TargetType): readonly Domain[] {
  const isDocument = targetType === 'page' || targetType === 'iframe' || targetType === 'background_page'
  // Dedicated workers have no Inspector domain: they end with their owner.
  return (isDocument ? documentDomains : workerDomains).filter(
    (domain) => plan.domains.has(domain) && !(domain === 'Inspector' && targetType === 'worker'),
  )
}

/** The browser categories that are on; without any, there is nothing to connect for. */
export function capturesBrowser(config: TelemetryConfig): boolean {
  return browserCategories.some((category) => config.browser[category].enabled)
}
