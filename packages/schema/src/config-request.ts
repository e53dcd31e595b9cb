// How a request body becomes the resolved configuration: PUT replaces, PATCH merges. Pure; nothing is switched on here.
// Follows design http-api A: with `browser`, PUT captures exactly what it enables; PATCH changes explicit values only.
import { defaultCategories, parseCategory, type SettableCategory, settableCategories } from './category.ts'
import { type BrowserConfig, configOff, type RedactionConfig, type TelemetryConfig, withCategories } from './config.ts'
import { type ConfigRequest, configRequestSchema } from './config-schema.ts'
import { TelemetryError } from './errors.ts'
import { checked, invalidRequest } from './issue.ts'
import { limits } from './limits.ts'
import { definitionOf } from './registry.ts'

/**
 * The configuration that a PUT asks for. Everything that the body does not say is as in `defaults` (what the server was
 * started with), except the excluded CDP methods, which stay as they were. Nothing enabled means that capture is to be off.
 * Throws `unknown_category` and `invalid_request`.
 */
export function replaceConfig(
  previous: TelemetryConfig | undefined,
  body: unknown,
  defaults: TelemetryConfig = configOff,
): TelemetryConfig {
  const request = parseConfigRequest(body)
  const enabled = new Set<SettableCategory>(isAbsent(request.browser) ? defaultCategories : [])
  const base = withExcludedMethods(withCategories(defaults, enabled), previous?.browser.control.cdp.excluded_methods)
  return applyRequest(base, request)
}

/** The configuration after a PATCH: `current` with the explicit values of the body. Throws as `replaceConfig` does. */
export function mergeConfig(current: TelemetryConfig, body: unknown): TelemetryConfig {
  return applyRequest(current, parseConfigRequest(body))
}

/** Whether any category is captured. A configuration without one is off. */
export function anyEnabled(config: TelemetryConfig): boolean {
  return settableCategories.some((category) => config.browser[category].enabled)
}

/** The body as a request, or an error. No body at all is an empty request. */
export function parseConfigRequest(body: unknown): ConfigRequest {
  if (isAbsent(body)) return {}
  if (!isObject(body)) throw invalidRequest('body', 'expected a JSON object')
  const request = checked(configRequestSchema, { ...body, browser: renameCategories(body['browser']) }, 'body')
  checkTypes(request)
  return request
}

// An unknown category is an error of its own, unlike other unknown keys, because to ignore it would capture less than was asked.
function renameCategories(browser: unknown): unknown {
  if (!isObject(browser)) return browser
  const renamed: [string, unknown][] = []
  for (const [name, value] of Object.entries(browser)) {
    const category = parseCategory(name)
    if (category === undefined || category === 'monitor') {
      throw new TelemetryError('unknown_category', {
        category: name.slice(0, limits.foreignNameBytes),
        known: settableCategories.join(', '),
      })
    }
    // The old name gives way when both are there.
    if (category === name || !Object.hasOwn(browser, category)) renamed.push([category, value])
  }
  return Object.fromEntries(renamed)
}

function checkTypes(request: ConfigRequest): void {
  for (const category of settableCategories) {
    for (const [position, type] of (request.browser?.[category]?.types ?? []).entries()) {
      const known = definitionOf(type)
      if (known === undefined || known.category === category) continue
      throw invalidRequest(`body.browser.${category}.types[${position}]`, `${type} belongs to category ${known.category}`)
    }
  }
}

function applyRedaction(base: RedactionConfig, request: ConfigRequest['redaction']): RedactionConfig {
  return {
    enabled: request?.enabled ?? base.enabled,
    headers: request?.headers ?? base.headers,
    parameters: request?.parameters ?? base.parameters,
    except: request?.except ?? base.except,
  }
}

function applyRequest(base: TelemetryConfig, request: ConfigRequest): TelemetryConfig {
  return {
    browser: applyBrowser(base.browser, request.browser),
    attach_mode: request.attach_mode ?? base.attach_mode,
    redaction: applyRedaction(base.redaction, request.redaction),
    export: { otlp: { enabled: request.export?.otlp?.enabled ?? base.export.otlp.enabled } },
    storage: { enabled: request.storage?.enabled ?? base.storage.enabled },
    labels: applyLabels(base.labels, request.labels),
  }
}

function applyBrowser(base: BrowserConfig, request: ConfigRequest['browser']): BrowserConfig {
  if (isAbsent(request)) return base
  const { cdp, ...control } = request.control ?? {}
  return {
    console: overlay(base.console, request.console),
    network: overlay(base.network, request.network),
    page: overlay(base.page, request.page),
    interaction: overlay(base.interaction, request.interaction),
    control: {
      ...overlay(base.control, control),
      cdp: { excluded_methods: methods(cdp?.excluded_methods ?? base.control.cdp.excluded_methods) },
    },
    platform: overlay(base.platform, request.platform),
    connection: overlay(base.connection, request.connection),
    system: overlay(base.system, request.system),
    screenshot: overlay(base.screenshot, request.screenshot),
    captcha: overlay(base.captcha, request.captcha),
  }
}

// Lists where empty means "no restriction", which is what their absence means in the resolved form.
const restrictions: ReadonlySet<string> = new Set(['types', 'url_include', 'url_exclude', 'resource_types'])

type Explicit<Base> = { readonly [Key in keyof Base]?: Base[Key] | null | undefined } | null | undefined

function overlay<Base extends object>(base: Base, request: Explicit<Base>): Base {
  const explicit = Object.entries(request ?? {}).filter(([, value]) => !isAbsent(value))
  const lifted = new Set(
    explicit.filter(([key, value]) => restrictions.has(key) && Array.isArray(value) && value.length === 0).map(([key]) => key),
  )
  const merged = Object.entries({ ...base, ...Object.fromEntries(explicit) })
  return Object.fromEntries(merged.filter(([key]) => !lifted.has(key))) as Base
}

function applyLabels(base: Readonly<Record<string, string>>, request: ConfigRequest['labels']): Readonly<Record<string, string>> {
  const labels = new Map(Object.entries(base))
  for (const [name, value] of Object.entries(request ?? {})) {
    if (value === null) labels.delete(name)
    else labels.set(name, value)
  }
  if (labels.size > limits.labels) throw invalidRequest('body.labels', `${labels.size} labels, at most ${limits.labels} are kept`)
  return Object.fromEntries(labels)
}

function withExcludedMethods(config: TelemetryConfig, excluded: readonly string[] | undefined): TelemetryConfig {
  if (excluded === undefined) return config
  const control = { ...config.browser.control, cdp: { excluded_methods: excluded } }
  return { ...config, browser: { ...config.browser, control } }
}

function methods(names: readonly string[]): readonly string[] {
  return [...new Set(names)].sort()
}

function isAbsent(value: unknown): value is null | undefined {
  return value === undefined || value === null
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
