// The bodies that several routes answer with.
import { z } from 'zod'
import { telemetryConfigSchema } from '../config-schema.ts'
import { errorTable } from '../errors.ts'

/** The body of every error. */
export const problemSchema = z
  .object({
    code: z.string().meta({ description: `Stable. One of: ${Object.keys(errorTable).join(', ')}; newer servers may have more` }),
    message: z.string().meta({ description: 'What is wrong, the value and the next step' }),
    details: z
      .array(z.object({ code: z.string(), message: z.string(), path: z.string().optional() }))
      .optional()
      .meta({ description: 'Each single finding' }),
  })
  .meta({ description: 'The body of every answer that is an error' })

/** The answer of `GET /telemetry`, and of what changes it. */
export const telemetryStateSchema = z
  .object({
    config: telemetryConfigSchema,
    capture_session_id: z.string().optional().meta({ description: 'Made when capture goes from off to on; absent while it is off' }),
    seq: z.int().nonnegative().meta({ description: 'Number of the newest event; 0 before the first' }),
    durable_seq: z.int().nonnegative().meta({ description: 'Up to this event everything is safely on disk' }),
    dropped_events: z.int().nonnegative().meta({ description: 'Events that readers were told they will not get, summed over all readers' }),
    applied_at: z.iso.datetime().optional().meta({ description: 'When the configuration came into force; absent while capture is off' }),
    labels: z.record(z.string(), z.string()),
    warnings: z.array(z.string()).meta({ description: 'What the configuration brings along that its words do not say' }),
  })
  .meta({ description: 'What is captured, and how far' })

/** The answer of the health routes. */
export const healthSchema = z.object({
  status: z.enum(['ok', 'ready', 'not_ready']),
  reason: z.string().optional().meta({ description: 'Why it is not ready' }),
  sinks: z
    .array(
      z.object({
        name: z.string().meta({ description: 'Such as `s2`' }),
        state: z.enum(['starting', 'running', 'retrying', 'stopped', 'closed']),
        behind: z.boolean().meta({ description: 'Whether events wait for it for too long' }),
        lag_events: z.int().nonnegative().meta({ description: 'Durable events that it does not have yet' }),
        lost_events: z
          .int()
          .nonnegative()
          .meta({ description: 'Events that retention removed before it had them, since the server started' }),
      }),
    )
    .optional()
    .meta({ description: 'Where events go besides the disk; absent when nowhere' }),
})

/** Text of an event stream; what is in it is said in words, because JSON Schema cannot. */
export const streamText = z.string().meta({
  description:
    'Frames of `id: <seq>` and `data: <Envelope as JSON on one line>`. Comments keep it alive and tell gaps (`: gap from=… to=… reason=…`); ' +
    'a frame with an id alone moves the cursor past events that the filter left out.',
})
