// What is remembered of one browser, on disk and in memory, and how answers show it. Its secrets are not in here: the token is made
// again from the signing key whenever somebody may see it.
import { type Browser, exportFiguresSchema, type SettableCategory, settableCategories, type TelemetryConfig } from '@tabscope/schema'
import { z } from 'zod'

const recordSchema = z.object({
  id: z.string(),
  createdAt: z.string(),
  endedAt: z.string().optional(),
  /** Why it ended, for a person. */
  endReason: z.string().optional(),
  name: z.string().optional(),
  tags: z.record(z.string(), z.string()),
  headless: z.boolean(),
  timeoutSeconds: z.number(),
  startUrl: z.string().optional(),
  viewport: z.object({ width: z.number(), height: z.number(), refresh_rate: z.number().optional() }).optional(),
  /** Categories that are captured; empty = telemetry is off. */
  captured: z.array(z.string()),
  excludedMethods: z.array(z.string()),
  isStored: z.boolean(),
  /** Id of the destination that it exports to. */
  destination: z.string().optional(),
  /** What its export came to; on disk from its end on, before that its server knows. */
  exported: exportFiguresSchema.optional(),
  /** Signing key of its token. */
  keyId: z.string(),
  /** Of its server, while that is supposed to run. */
  process: z.object({ pid: z.number(), startedAt: z.string().optional(), url: z.string().optional() }).optional(),
})

/** What is remembered of one browser. */
export type BrowserRecord = z.infer<typeof recordSchema>
export { recordSchema as browserRecordSchema }

/** The record with what a configuration captures. */
export function withCaptured(record: BrowserRecord, config: TelemetryConfig | undefined): BrowserRecord {
  if (config === undefined) return { ...record, captured: [] }
  const captured = settableCategories.filter((category) => config.browser[category].enabled)
  return { ...record, captured, excludedMethods: [...config.browser.control.cdp.excluded_methods] }
}

export interface ViewOptions {
  readonly memory: string
  readonly region: string
  /** Absent for a browser that has ended. */
  readonly token: string | undefined
  readonly nowMs: number
}

/** The browser as the published contract shows it. */
export function browserView(record: BrowserRecord, { memory, region, token, nowMs }: ViewOptions): Browser {
  const base = `${record.process?.url ?? 'http://127.0.0.1:9'}/browser/${record.id}`
  const webSocketBase = base.replace(/^http/, 'ws')
  const endMs = record.endedAt === undefined ? nowMs : Date.parse(record.endedAt)
  return {
    session_id: record.id,
    // Without it no client keeps a route to a browser that is gone.
    ...(token === undefined ? {} : { base_url: base }),
    cdp_ws_url: token === undefined ? `${webSocketBase}/cdp` : `${webSocketBase}/cdp?jwt=${token}`,
    webdriver_ws_url: `${webSocketBase}/webdriver`,
    created_at: record.createdAt,
    ...(record.endedAt === undefined ? {} : { deleted_at: record.endedAt }),
    headless: record.headless,
    stealth: false,
    timeout_seconds: record.timeoutSeconds,
    memory,
    region,
    ...(record.name === undefined ? {} : { name: record.name }),
    ...(Object.keys(record.tags).length === 0 ? {} : { tags: record.tags }),
    ...(record.startUrl === undefined ? {} : { start_url: record.startUrl }),
    ...(record.viewport === undefined ? {} : { viewport: viewportOf(record.viewport) }),
    telemetry: telemetryView(record),
    usage: { uptime_ms: Math.max(0, Math.round(endMs - Date.parse(record.createdAt))) },
  }
}

function viewportOf({ width, height, refresh_rate }: NonNullable<BrowserRecord['viewport']>): NonNullable<Browser['viewport']> {
  return { width, height, ...(refresh_rate === undefined ? {} : { refresh_rate }) }
}

function telemetryView(record: BrowserRecord): Browser['telemetry'] {
  if (record.captured.length === 0) return null
  const flags = settableCategories.map((category) => [category, flagOf(record, category)] as const)
  return {
    browser: Object.fromEntries(flags),
    export: { otlp: exportView(record) },
    storage: { enabled: record.isStored },
  }
}

function exportView({ destination, exported }: BrowserRecord): NonNullable<NonNullable<Browser['telemetry']>['export']>['otlp'] {
  if (destination === undefined) return { enabled: false }
  const { sent = 0, failed = 0, dropped = 0, lastError } = exported ?? {}
  const counts = { exported_events: sent, failed_attempts: failed, dropped_events: dropped }
  return { enabled: true, destination, ...counts, ...(lastError === undefined ? {} : { last_error: lastError }) }
}

function flagOf(record: BrowserRecord, category: SettableCategory): { enabled: boolean; cdp?: { excluded_methods: string[] } } {
  const enabled = record.captured.includes(category)
  if (category !== 'control' || record.excludedMethods.length === 0) return { enabled }
  return { enabled, cdp: { excluded_methods: record.excludedMethods } }
}
