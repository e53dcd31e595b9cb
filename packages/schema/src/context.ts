// The context that every event from a browser target carries, so that a consumer with `data` alone can say which tab,
// page and navigation made it. An unknown value is left out: never an empty string, never 0.
import { z } from 'zod'

/** The kinds of targets; the vocabulary of the published contract. */
export const targetTypes = ['page', 'iframe', 'worker', 'shared_worker', 'service_worker', 'background_page', 'other'] as const
export type TargetType = (typeof targetTypes)[number]

/** The fields of the context as a zod shape, to be spread into the `data` of an event definition. */
export const contextShape = {
  session_id: z.string().optional().meta({ contract: true, description: 'CDP session' }),
  target_id: z.string().optional().meta({ contract: true, description: 'CDP target: the tab, frame process or worker' }),
  target_type: z.enum(targetTypes).optional().meta({ contract: true, description: 'What kind of target it is' }),
  page_target_id: z.string().optional().meta({ description: 'The tab that an out-of-process iframe or worker belongs to' }),
  frame_id: z.string().optional().meta({ contract: true, description: 'Frame inside the target; for network events the one that asked' }),
  loader_id: z.string().optional().meta({ contract: true, description: 'CDP loader: one document load' }),
  url: z.string().optional().meta({ contract: true, sensitive: 'url', description: 'Page URL; for network events the request URL' }),
  nav_seq: z
    .int()
    .nonnegative()
    .optional()
    .meta({ contract: true, description: 'How many top-level navigations the tab has made; first = 1' }),
  cdp_timestamp: z.number().optional().meta({ description: "Chromium's monotonic clock in seconds; not a wall clock" }),
  observed_ts: z
    .int()
    .optional()
    .meta({ description: 'Unix microseconds at which the causing message was received, when the event had to wait' }),
  replayed: z.boolean().optional().meta({ description: 'True when Chromium told it again from its history after a domain was enabled' }),
  late_attach: z
    .boolean()
    .optional()
    .meta({ description: 'True when it happened before capture could see it and is told as far as it is still known' }),
  truncated_fields: z.array(z.string()).optional().meta({ description: 'What was cut to fit a bound' }),
  redacted: z.array(z.string()).optional().meta({ description: 'Which keys had their values replaced' }),
  cdp: z.unknown().optional().meta({
    detail: 'raw',
    sensitive: 'cdp',
    description: 'The CDP parameters as they came, in camelCase; never of interactions and screenshots',
  }),
}

export type BrowserContext = { [Key in keyof typeof contextShape]?: z.infer<(typeof contextShape)[Key]> }
