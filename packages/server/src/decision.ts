// From a wanted configuration to one that this server can carry out, and what its user should know about it. Pure.
import { type TelemetryConfig, warningsFor } from '@tabscope/schema'
import type { Decision } from './telemetry-session.ts'

/** Where this server keeps events: fixed when it is started. */
export type Storage = 'disk' | 'memory'

const noDisk = 'storage.enabled was asked for, but this server was started without a data folder: events are kept in memory only.'

/** The decision to apply `config`, with further warnings from whoever made it. */
export function decisionFor(config: TelemetryConfig, storage: Storage, warnings: readonly string[] = []): Decision {
  const about = [...warnings, ...warningsFor(config).map(({ message }) => message)]
  if (storage === 'disk' || !config.storage.enabled) return { config, warnings: about }
  return { config: { ...config, storage: { enabled: false } }, warnings: [...about, noDisk] }
}
