// From a wanted configuration to one that this server can carry out, and what its user should know about it. Pure.
import { type TelemetryConfig, TelemetryError, warningsFor } from '@tabscope/schema'
import type { Decision } from './telemetry-session.ts'

/** Where this server keeps events: fixed when it is started. */
export type Storage = 'disk' | 'memory'

const noDisk = 'storage.enabled was asked for, but this server was started without a data folder: events are kept in memory only.'

/** The decision to apply `config`, with further warnings from whoever made it. Throws `storage_not_switchable`. */
export function decisionFor(config: TelemetryConfig, storage: Storage, warnings: readonly string[] = []): Decision {
  const about = [...warnings, ...warningsFor(config).map(({ message }) => message)]
  if (config.storage.enabled === (storage === 'disk')) return { config, warnings: about }
  // The log cannot leave single events out of its files, and to write what was asked not to be written would be worse than to refuse.
  if (storage === 'disk') throw new TelemetryError('storage_not_switchable', {})
  return { config: { ...config, storage: { enabled: false } }, warnings: [...about, noDisk] }
}
