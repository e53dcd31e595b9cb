// What `telemetry` of a request means, row by row of the published contract: nothing said leaves things as they are, `enabled: true` begins
// again from the default set, categories alone are laid over what is captured. Pure; what a category holds is checked by the browser's server.
import { type CreateBrowser, defaultCategories, invalidRequest, type TelemetryRequest } from '@tabscope/schema'

/** The categories of a request to the browser's server. */
type Categories = Readonly<Record<string, Readonly<Record<string, unknown>>>>

/** What to do with the capture of a browser. */
export type TelemetryChange =
  | { readonly kind: 'unchanged' }
  | { readonly kind: 'off' }
  /** Exactly these, the old selection is forgotten. */
  | { readonly kind: 'replace'; readonly browser: Categories }
  /** These over the current selection; over the default set when nothing is captured. */
  | { readonly kind: 'merge'; readonly browser: Categories }

/** The change that a request asks for. Throws `invalid_request` for one that says both yes and no. */
export function telemetryChange(request: CreateBrowser['telemetry']): TelemetryChange {
  const enabled = request?.enabled ?? undefined
  const browser = request?.browser ?? undefined
  if (enabled === false) {
    if (browser !== undefined) throw invalidRequest('body.telemetry', '`enabled: false` may not be combined with `browser`')
    return { kind: 'off' }
  }
  if (enabled === true) return { kind: 'replace', browser: overDefaults(browser ?? {}) }
  return browser === undefined ? { kind: 'unchanged' } : { kind: 'merge', browser: explicit(browser) }
}

/** The default set with the given flags over it. */
export function overDefaults(browser: NonNullable<TelemetryRequest['browser']>): Categories {
  const given = explicit(browser)
  const defaults = defaultCategories.map((category) => [category, { enabled: true, ...given[category] }])
  return { ...given, ...Object.fromEntries(defaults) }
}

/** `null` says nothing, at both levels. */
function explicit(browser: NonNullable<TelemetryRequest['browser']>): Categories {
  const categories = Object.entries(browser).filter(([, value]) => value !== null)
  return Object.fromEntries(
    categories.map(([name, value]) => [name, Object.fromEntries(Object.entries(value ?? {}).filter(([, inner]) => inner !== null))]),
  )
}
