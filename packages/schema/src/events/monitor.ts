// How capture itself is doing. Comes along while any category from the browser is on; has no browser context.
import { z } from 'zod'
import { captureConfigSchema } from '../config-schema.ts'
import { added, defineEvent, published } from '../define-event.ts'

export const monitorEvents = {
  monitor_disconnected: defineEvent('monitor_disconnected', {
    category: 'monitor',
    summary: 'The connection to Chromium is lost; what happens until `monitor_reconnected` is not seen.',
    contract: 'node',
    data: z.object({
      reason: z.enum(['chrome_restarted']).meta(published("The published contract's only value, whatever the cause")),
      cause: z.enum(['chrome_restarted', 'connection_lost', 'protocol_stalled']).meta(added('What really happened')),
    }),
  }),
  monitor_reconnected: defineEvent('monitor_reconnected', {
    category: 'monitor',
    summary: 'Capture works again.',
    contract: 'node',
    data: z.object({
      reconnect_duration_ms: z.int().nonnegative().meta(published('Since the loss')),
      targets: z.int().nonnegative().optional().meta(added('How many targets are captured')),
    }),
  }),
  monitor_reconnect_failed: defineEvent('monitor_reconnect_failed', {
    category: 'monitor',
    summary: 'The configured limit of attempts is reached; nothing more will come.',
    contract: 'node',
    data: z.object({ reason: z.enum(['reconnect_exhausted']).optional().meta(published('Always `reconnect_exhausted`')) }),
  }),
  monitor_init_failed: defineEvent('monitor_init_failed', {
    category: 'monitor',
    summary: 'Setting up capture failed at one step.',
    contract: 'node',
    data: z.object({ step: z.string().meta(published('Such as `Target.setAutoAttach`')) }),
  }),
  monitor_capture_changed: defineEvent('monitor_capture_changed', {
    category: 'monitor',
    summary: 'Something else is captured from here on.',
    data: z.object({
      config: captureConfigSchema.meta(added('The resolved configuration, as `GET /telemetry` shows it, without its labels')),
    }),
  }),
  monitor_degraded: defineEvent('monitor_degraded', {
    category: 'monitor',
    summary: 'Something is captured or carried less well than configured.',
    data: z.object({
      what: z.string().meta(added('Such as `disk_full`, `sink_behind`, `rate_limited`, `unknown_methods`')),
      detail: z.string().optional().meta(added('More about it, for people')),
      since_ts: z.int().optional().meta(added('Unix microseconds')),
      count: z.int().nonnegative().optional().meta(added('How often since then')),
    }),
  }),
} as const
