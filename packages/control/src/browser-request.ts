// The bodies that create and change a browser, checked before anything is started. What would change a program's results and is not there is
// refused by name; what nobody knows is ignored, so that newer clients work.
import { validated } from '@tabscope/http'
import {
  anyEnabled,
  type CreateBrowser,
  createBrowserSchema,
  invalidRequest,
  replaceConfig,
  type TelemetryConfig,
  TelemetryError,
  type UpdateBrowser,
  unsupportedFields,
  updateBrowserSchema,
} from '@tabscope/schema'
import { type Given, given } from './given.ts'
import { overDefaults, telemetryChange } from './telemetry-layers.ts'

export type CreationRequest = Given<CreateBrowser>
export type ChangeRequest = Given<UpdateBrowser>

/** The body of a creation. Throws `invalid_request`, `not_supported` and `unknown_category`. */
export function createRequestOf(body: unknown): CreationRequest {
  refuseUnsupported(body)
  const request = given(validated(createBrowserSchema, 'body', body ?? {}))
  if (request.gpu === true) throw new TelemetryError('not_supported', { field: 'gpu' })
  if (request.kiosk_mode === true) throw new TelemetryError('not_supported', { field: 'kiosk_mode' })
  checkUrl(request.start_url)
  checkExport(request)
  return request
}

/** The body of a change. Throws as `createRequestOf` does. */
export function updateRequestOf(body: unknown): ChangeRequest {
  refuseUnsupported(body)
  const request = given(validated(updateBrowserSchema, 'body', body ?? {}))
  checkUrl(request.start_url)
  if (hasValue(request.telemetry?.export)) throw new TelemetryError('not_supported', { field: 'telemetry.export (on a browser that runs)' })
  if (hasValue(request.telemetry?.storage))
    throw new TelemetryError('not_supported', { field: 'telemetry.storage (on a browser that runs)' })
  return request
}

/** What a creation captures, resolved; undefined when nothing. */
export function capturedAtStart(request: CreationRequest): TelemetryConfig | undefined {
  const change = telemetryChange(request.telemetry)
  if (change.kind === 'unchanged' || change.kind === 'off') return undefined
  const browser = change.kind === 'merge' ? overDefaults(change.browser) : change.browser
  const config = replaceConfig(undefined, { browser })
  return anyEnabled(config) ? config : undefined
}

function refuseUnsupported(body: unknown): void {
  if (typeof body !== 'object' || body === null) return
  for (const field of [...unsupportedFields, 'disable_default_proxy']) {
    const value: unknown = Object.hasOwn(body, field) ? Reflect.get(body, field) : undefined
    if (hasValue(value) && value !== false) throw new TelemetryError('not_supported', { field })
  }
}

/** Empty lists and maps ask for nothing. */
function hasValue(value: unknown): boolean {
  if (value === undefined || value === null) return false
  return typeof value !== 'object' || Object.keys(value).length > 0
}

function checkUrl(url: string | undefined): void {
  if (url === undefined) return
  if (!URL.canParse(url)) throw invalidRequest('body.start_url', `${JSON.stringify(url.slice(0, 64))} is not a URL`)
}

function checkExport(request: CreationRequest): void {
  const otlp = request.telemetry?.export?.otlp ?? undefined
  const destination = otlp?.destination ?? undefined
  const isWanted = otlp?.enabled ?? destination !== undefined
  const captures = capturedAtStart(request) !== undefined
  if (otlp?.enabled === false && destination !== undefined)
    throw invalidRequest('body.telemetry.export.otlp', '`enabled: false` may not be combined with `destination`')
  if (isWanted && destination === undefined) throw invalidRequest('body.telemetry.export.otlp.destination', 'name a destination')
  if (isWanted && !captures) throw invalidRequest('body.telemetry.export.otlp', 'nothing is captured that could be exported')
  if (request.telemetry?.storage?.enabled === false && !isWanted)
    throw invalidRequest('body.telemetry.storage.enabled', 'false needs a destination: the events would be nowhere')
}
