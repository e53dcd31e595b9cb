// Who else is connected: other CDP clients through our DevTools proxy, and viewers.
import { z } from 'zod'
import { defineEvent, published } from '../define-event.ts'

/** Who ended a relayed CDP connection: its client, a restart of Chromium, an error towards Chromium, our own stop. */
export const disconnectReasons = ['client_close', 'upstream_changed', 'upstream_error', 'context_cancelled'] as const
export type DisconnectReason = (typeof disconnectReasons)[number]

const connectionId = z.string().optional().meta(published('Joins connect, commands and disconnect'))

export const connectionEvents = {
  cdp_connect: defineEvent('cdp_connect', {
    category: 'connection',
    summary: 'A client connected to the DevTools proxy.',
    contract: 'node',
    data: z.object({ connection_id: connectionId }),
  }),
  cdp_disconnect: defineEvent('cdp_disconnect', {
    category: 'connection',
    summary: 'That client is gone.',
    contract: 'node',
    data: z.object({
      duration_ms: z.number().nonnegative().meta(published('Length of the connection')),
      message_count: z.int().nonnegative().meta(published('Messages relayed, both directions')),
      reason: z.enum(disconnectReasons).meta(published('Who ended it')),
      connection_id: connectionId,
      telemetry_dropped: z
        .int()
        .nonnegative()
        .optional()
        .meta(published('At most so many commands have no event because of lag or bad arguments')),
      telemetry_excluded: z.int().nonnegative().optional().meta(published('Commands without an event because of `excluded_methods`')),
    }),
  }),
  live_view_connect: defineEvent('live_view_connect', {
    category: 'connection',
    summary: 'A viewer attached to the live view.',
    contract: 'node',
    data: z.object({ session_id: z.string().meta(published('Live view session; stable across its reconnects')) }),
  }),
  live_view_disconnect: defineEvent('live_view_disconnect', {
    category: 'connection',
    summary: 'A viewer left the live view.',
    contract: 'node',
    data: z.object({
      duration_ms: z.number().nonnegative().meta(published('Length')),
      session_id: z.string().meta(published('Matches the connect')),
    }),
  }),
} as const
