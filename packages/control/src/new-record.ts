// What is remembered of a browser from the moment it is asked for.
import { type Clock, limits, type TelemetryConfig } from '@tabscope/schema'
import { type BrowserRecord, withCaptured } from './browser-record.ts'
import type { CreationRequest } from './browser-request.ts'
import { newId } from './browser-store.ts'
import type { SigningKeys } from './signing-keys.ts'

interface Surroundings {
  readonly clock: Clock
  readonly keys: Pick<SigningKeys, 'currentId'>
  /** Whether a browser with a window can be had. */
  readonly hasDisplay: boolean
}

interface Resolved {
  readonly config: TelemetryConfig | undefined
  readonly destination: string | undefined
}

/** What is remembered of a browser before it is started. */
export function newRecord(options: Surroundings, request: CreationRequest, { config, destination }: Resolved): BrowserRecord {
  const { headless, name, start_url: startUrl, viewport } = request
  const record: BrowserRecord = {
    id: newId(),
    createdAt: new Date(options.clock.wallUs() / 1000).toISOString(),
    ...(name === undefined ? {} : { name }),
    tags: request.tags ?? {},
    // Without a display a window cannot be had; the answer says so.
    headless: headless === true || !options.hasDisplay,
    timeoutSeconds: request.timeout_seconds ?? limits.browserTimeoutMs / 1000,
    ...(startUrl === undefined ? {} : { startUrl }),
    ...(viewport === undefined ? {} : { viewport: viewportOf(viewport) }),
    captured: [],
    excludedMethods: [],
    isStored: request.telemetry?.storage?.enabled !== false,
    ...(destination === undefined ? {} : { destination }),
    keyId: options.keys.currentId,
  }
  return withCaptured(record, config)
}

/** The viewport as it is remembered. */
export function viewportOf(viewport: NonNullable<CreationRequest['viewport']>): NonNullable<BrowserRecord['viewport']> {
  const { width, height } = viewport
  const rate = viewport.refresh_rate ?? undefined
  return { width, height, ...(rate === undefined ? {} : { refresh_rate: rate }) }
}
