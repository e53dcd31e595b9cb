// The configuration as zod sees it: what a request may ask for, and the resolved form that answers show.
// Requests are open: keys that nobody knows are ignored, so that newer clients work. `null` means the same as leaving out.
import { z } from 'zod'
import { settableCategories } from './category.ts'
import { attachModes, screenshotTriggers, type TelemetryConfig } from './config.ts'
import { limits } from './limits.ts'
import { detailLevels } from './source.ts'

const flag = z.boolean().nullish()
const text = z.string().max(limits.configTextBytes)
const list = z.array(text).max(limits.configListItems).nullish()
const toggle = (description: string) => z.object({ enabled: flag.meta({ description }) }).nullish()

const categoryShape = {
  enabled: flag.meta({ description: 'Whether it is captured' }),
  detail_level: z.enum(detailLevels).nullish().meta({ description: 'How much is captured; default `standard`' }),
  types: list.meta({ description: 'Capture only these types of the category; empty = all' }),
}
const categoryRequest = z.object(categoryShape).nullish()

const networkRequest = z
  .object({
    ...categoryShape,
    body_limit_bytes: z
      .int()
      .min(0)
      .max(limits.recordBytes)
      .nullish()
      .meta({ description: 'Most bytes of a body in an event; 0 = no bodies' }),
    url_include: list.meta({ description: 'Capture only URLs that match one of these (`*` = any characters); empty = all' }),
    url_exclude: list.meta({ description: 'Do not capture URLs that match one of these' }),
    resource_types: list.meta({ description: 'Capture only these CDP resource types; empty = all' }),
  })
  .nullish()

const controlRequest = z
  .object({
    ...categoryShape,
    cdp: z
      .object({
        excluded_methods: list.meta({ description: 'CDP methods without a `cdp_command` event; absent = unchanged, empty = report all' }),
      })
      .nullish(),
  })
  .nullish()

const screenshotRequest = z
  .object({
    ...categoryShape,
    triggers: z.array(z.enum(screenshotTriggers)).nullish().meta({ description: 'What a screenshot is taken for' }),
    min_interval_ms: z.int().min(0).max(limits.screenshotIntervalMostMs).nullish().meta({ description: 'Least time between two' }),
    scope: z.enum(['display', 'page']).nullish().meta({ description: 'The whole display, or the page that triggered it' }),
  })
  .nullish()

/** What `browser` of a request may hold. Names of categories are checked before, because an unknown one has its own error. */
export const browserRequestSchema = z.object({
  console: categoryRequest,
  network: networkRequest,
  page: z.object({ ...categoryShape, settled_events: flag.meta({ description: 'Whether the settled events are computed' }) }).nullish(),
  interaction: z.object({ ...categoryShape, keys: flag.meta({ description: 'Whether keys are captured' }) }).nullish(),
  control: controlRequest,
  platform: categoryRequest,
  connection: categoryRequest,
  system: categoryRequest,
  screenshot: screenshotRequest,
  captcha: categoryRequest,
})

/** The body of `PUT /telemetry` and `PATCH /telemetry`. */
export const configRequestSchema = z.object({
  browser: browserRequestSchema.nullish(),
  attach_mode: z.enum(attachModes).nullish().meta({ description: 'How new targets are attached' }),
  redaction: z
    .object({
      enabled: flag.meta({ description: 'Whether values that look like secrets are replaced before anything is kept' }),
      headers: list.meta({ description: 'More header names whose values are secret' }),
      parameters: list.meta({ description: 'More names whose values are secret in queries, fragments, forms, JSON bodies and text' }),
      except: z.array(z.enum(settableCategories)).nullish().meta({ description: 'Categories whose events are not redacted' }),
    })
    .nullish(),
  export: z.object({ otlp: toggle('Whether events go to the configured OTLP collector') }).nullish(),
  storage: toggle('Whether events are kept on disk; off = memory only, and no history'),
  labels: z
    .record(z.string().max(limits.foreignNameBytes), text.nullable())
    .nullish()
    .meta({ description: 'A string map for the session; `null` as a value removes the label' }),
})
export type ConfigRequest = z.infer<typeof configRequestSchema>

const strings = z.array(z.string()).readonly()
const resolvedShape = { enabled: z.boolean(), detail_level: z.enum(detailLevels), types: z.exactOptional(strings) }
const resolvedCategory = z.object(resolvedShape)
const resolvedToggle = z.object({ enabled: z.boolean() })

/** The resolved configuration: every category with an explicit `enabled`. */
export const telemetryConfigSchema = z.object({
  browser: z.object({
    console: resolvedCategory,
    network: z.object({
      ...resolvedShape,
      body_limit_bytes: z.exactOptional(z.int().nonnegative()),
      url_include: z.exactOptional(strings),
      url_exclude: z.exactOptional(strings),
      resource_types: z.exactOptional(strings),
    }),
    page: z.object({ ...resolvedShape, settled_events: z.boolean() }),
    interaction: z.object({ ...resolvedShape, keys: z.boolean() }),
    control: z.object({ ...resolvedShape, cdp: z.object({ excluded_methods: strings }) }),
    platform: resolvedCategory,
    connection: resolvedCategory,
    system: resolvedCategory,
    screenshot: z.object({
      ...resolvedShape,
      triggers: z.array(z.enum(screenshotTriggers)).readonly(),
      min_interval_ms: z.int().nonnegative(),
      scope: z.exactOptional(z.enum(['display', 'page'])),
    }),
    captcha: resolvedCategory,
  }),
  attach_mode: z.enum(attachModes),
  redaction: z.object({
    enabled: z.boolean(),
    headers: strings,
    parameters: strings,
    except: z.array(z.enum(settableCategories)).readonly(),
  }),
  export: z.object({ otlp: resolvedToggle }),
  storage: resolvedToggle,
  labels: z.record(z.string(), z.string()),
}) satisfies z.ZodType<unknown, TelemetryConfig>

/** The configuration as an event tells it: labels name the session for people and sinks, such as its egress IP, and are in no event. */
export const captureConfigSchema = telemetryConfigSchema.omit({ labels: true })
