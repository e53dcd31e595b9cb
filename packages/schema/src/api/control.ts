// The routes of the control plane, which offers many browsers. Paths, bodies, answers and paging are those of the published Kernel
// browser API, so that its clients work here with only their base URL changed. Fields that nobody knows are ignored, `null` means left out.
import { z } from 'zod'
import { categories, settableCategories } from '../category.ts'
import { envelopeSchema } from '../envelope.ts'
import { limits } from '../limits.ts'
import { streamText } from './answers.ts'
import { curlAnswerSchema, curlErrors, curlRequestSchema } from './browser.ts'
import { bodyErrors, type Parameter, queryList, queryText, type RouteDeclaration } from './route.ts'

const flag = z.boolean().nullish()
const text = z.string().max(limits.configTextBytes).nullish()

/** Names go into paths and tables; one that looks like an id would hide a browser behind another. */
export const nameSchema = z
  .string()
  .min(1)
  .max(limits.browserNameChars)
  // biome-ignore lint/suspicious/noControlCharactersInRegex: those are what is refused
  .regex(/^[^\u0000-\u001f\u007f/\\]+$/, 'a name has no control characters and no slashes')
  .refine((name) => name.trim() === name && name !== '.' && name !== '..', 'not a name')
  .refine((name) => !isIdShaped(name), 'a name must not look like an id')

const idForm = /^[a-z][a-z0-9]{23}$/

/** Whether a text has the form of an id of a browser or a destination. */
export function isIdShaped(value: string): boolean {
  return idForm.test(value)
}

const tagsSchema = z
  .record(z.string().min(1).max(limits.browserTagChars), z.string().max(limits.browserTagChars))
  .refine((tags) => Object.keys(tags).length <= limits.browserTags, `at most ${limits.browserTags} tags`)

const pixels = z.int().min(1).max(limits.viewportPixels)
const viewportSchema = z.object({
  width: pixels,
  height: pixels,
  refresh_rate: z.int().positive().nullish(),
  force: flag,
})

const destinationReference = z.object({ id: text, name: text })

/** `telemetry` of a request, checked here as far as the control plane reads it; what a category holds is the browser's server's to check. */
export const telemetryRequestSchema = z.object({
  enabled: flag.meta({ description: 'true = the default set, false = nothing' }),
  browser: z
    .record(z.string(), z.record(z.string(), z.unknown()).nullable())
    .nullish()
    .meta({ description: `By category: ${settableCategories.join(', ')}` }),
  export: z
    .object({ otlp: z.object({ enabled: flag, destination: destinationReference.nullish() }).nullish() })
    .nullish()
    .meta({ description: 'Where events go besides; at creation only' }),
  storage: z
    .object({ enabled: flag })
    .nullish()
    .meta({ description: 'Whether events are kept; off needs a destination. At creation only' }),
})
export type TelemetryRequest = z.infer<typeof telemetryRequestSchema>

/** What would change a program's results and is not there: refused by name, never ignored. */
export const unsupportedFields = ['proxy_id', 'proxy', 'network', 'location', 'profile', 'extensions', 'chrome_policy', 'vaults'] as const

const common = {
  name: nameSchema.nullish(),
  tags: tagsSchema.nullish(),
  telemetry: telemetryRequestSchema.nullish(),
  viewport: viewportSchema.nullish(),
  start_url: text.meta({ description: 'A page to go to, best effort' }),
}

/** The body of `POST /browsers`. */
export const createBrowserSchema = z.object({
  ...common,
  headless: flag.meta({ description: 'Default false: with a window, on a private display where there is one' }),
  stealth: flag.meta({ description: 'Taken, and answered with false' }),
  gpu: flag.meta({ description: 'true is not supported' }),
  kiosk_mode: flag.meta({ description: 'true is not supported' }),
  timeout_seconds: z
    .int()
    .min(limits.browserTimeoutLeastMs / 1000)
    .max(limits.browserTimeoutMostMs / 1000)
    .nullish()
    .meta({ description: `Ends when nothing happened for so long; default ${limits.browserTimeoutMs / 1000}` }),
})
export type CreateBrowser = z.infer<typeof createBrowserSchema>

/** The body of `PATCH /browsers/{id_or_name}`. */
export const updateBrowserSchema = z.object(common)
export type UpdateBrowser = z.infer<typeof updateBrowserSchema>

const shownFlags = z.record(
  z.string(),
  z.object({ enabled: z.boolean(), cdp: z.object({ excluded_methods: z.array(z.string()) }).optional() }),
)

const exportCounts = {
  exported_events: z.int().nonnegative().meta({ description: 'Events that the collector took' }),
  failed_attempts: z.int().nonnegative().meta({ description: 'Attempts that failed and were repeated' }),
  dropped_events: z
    .int()
    .nonnegative()
    .meta({ description: 'Events that it never gets: refused by it, or removed from disk before it had them' }),
}

const exportSchema = z.object({
  enabled: z.boolean(),
  destination: z.string().optional(),
  ...z.object(exportCounts).partial().shape,
  last_error: z.string().optional(),
})

/** A browser as answers show it. */
export const browserSchema = z
  .object({
    session_id: z.string(),
    base_url: z.string().optional().meta({ description: "Of the browser's own server; absent when it has ended" }),
    cdp_ws_url: z.string().meta({ description: 'For Playwright and Puppeteer; its `jwt` is the token of `base_url`' }),
    webdriver_ws_url: z.string().meta({ description: 'Required by the published types; nothing answers there' }),
    created_at: z.iso.datetime(),
    deleted_at: z.iso.datetime().optional(),
    headless: z.boolean(),
    stealth: z.boolean(),
    timeout_seconds: z.int(),
    memory: z.string(),
    region: z.string(),
    name: z.string().optional(),
    tags: z.record(z.string(), z.string()).optional(),
    start_url: z.string().optional(),
    viewport: z.object({ width: z.int(), height: z.int(), refresh_rate: z.int().optional() }).optional(),
    telemetry: z
      .object({
        browser: shownFlags,
        export: z.object({ otlp: exportSchema }).optional(),
        storage: z.object({ enabled: z.boolean() }).optional(),
      })
      .nullable()
      .meta({ description: 'What is captured, resolved; null when nothing is' }),
    usage: z.object({ uptime_ms: z.int() }).optional(),
  })
  .meta({ description: 'A browser' })
export type Browser = z.infer<typeof browserSchema>

const headersSchema = z.record(z.string().min(1).max(256), z.string().nullable())

/** The body of `POST /telemetry/destinations`. */
export const createDestinationSchema = z.object({
  name: nameSchema,
  endpoint: z.string().max(limits.destinationTextChars).meta({ description: 'Base of the collector, without a signal path' }),
  description: z.string().max(limits.destinationTextChars).nullish(),
  headers: headersSchema.nullish(),
})
export type CreateDestination = z.infer<typeof createDestinationSchema>

/** The body of `PATCH /telemetry/destinations/{id_or_name}`: headers by name, `null` removes one. */
export const updateDestinationSchema = createDestinationSchema.partial()
export type UpdateDestination = z.infer<typeof updateDestinationSchema>

/** A destination as answers show it: names of headers, never a value. */
export const destinationSchema = z
  .object({
    id: z.string(),
    name: z.string(),
    endpoint: z.string(),
    description: z.string().optional(),
    headers: z.record(z.string(), z.string()).meta({ description: 'Names; the values are blank' }),
    created_at: z.iso.datetime(),
    updated_at: z.iso.datetime(),
    ...exportCounts,
    consecutive_failures: z
      .int()
      .nonnegative()
      .meta({ description: 'Attempts that failed since the last that did not, over all its browsers' }),
    last_error: z.string().optional(),
    last_error_at: z.iso.datetime().optional(),
    last_export_at: z.iso.datetime().optional(),
  })
  .meta({ description: 'Where events are exported to, over OTLP' })
export type Destination = z.infer<typeof destinationSchema>

const idOrName: Parameter = { name: 'id_or_name', in: 'path', description: 'Id or name', schema: z.string() }
const pageOf = (fallback: number, most: number): readonly Parameter[] => [
  queryText('limit', `Items of a page; default ${fallback}.`, z.int().min(1).max(most)),
  queryText('offset', 'From `X-Next-Offset` of the page before.', z.int().nonnegative()),
]
const pagedHeaders = { 'X-Has-More': '`true` when there is a next page', 'X-Next-Offset': 'Its offset' }
const browserAnswer = { description: 'The browser', schema: browserSchema } as const
const destinationAnswer = { description: 'The destination', schema: destinationSchema } as const
const access = ['api_key_missing', 'rate_limited'] as const
const ofBrowser = ['browser_not_found', ...access] as const
const ofServer = ['browser_gone', 'browser_unreachable', ...ofBrowser] as const
const ofDestination = ['destination_not_found', ...access] as const

const browserRoutes: readonly RouteDeclaration[] = [
  {
    method: 'POST',
    path: '/browsers',
    operationId: 'CreateBrowser',
    summary: 'Start a browser with its own server; answers when it is ready.',
    tag: 'browsers',
    recordedAs: 'none',
    body: { schema: createBrowserSchema, isRequired: false },
    answers: { 200: browserAnswer },
    errors: [
      ...bodyErrors,
      ...access,
      'unknown_category',
      'not_supported',
      'name_taken',
      'too_many_browsers',
      'browser_start_failed',
      'destination_not_found',
    ],
  },
  {
    method: 'GET',
    path: '/browsers',
    operationId: 'ListBrowsers',
    summary: 'Browsers, the newest first.',
    tag: 'browsers',
    recordedAs: 'none',
    parameters: [
      ...pageOf(limits.browserListDefault, limits.browserListMost),
      queryText('status', 'Default `active`.', z.enum(['active', 'deleted', 'all'])),
      queryText('query', 'Part of an id, a name or a tag.'),
      queryText('include_deleted', 'Old form of `status=all`.', z.boolean()),
      queryText('region', 'Only browsers of this region.'),
      {
        name: 'tags',
        in: 'query',
        description: 'Only browsers with these tags: `tags[name]=value`.',
        schema: z.record(z.string(), z.string()),
      },
    ],
    answers: { 200: { description: 'A page', schema: z.array(browserSchema), headers: pagedHeaders } },
    errors: [...access],
  },
  {
    method: 'GET',
    path: '/browsers/{id_or_name}',
    operationId: 'GetBrowser',
    summary: 'One browser.',
    tag: 'browsers',
    recordedAs: 'none',
    parameters: [idOrName, queryText('include_deleted', 'Also one that has ended.', z.boolean())],
    answers: { 200: browserAnswer },
    errors: [...ofBrowser],
  },
  {
    method: 'PATCH',
    path: '/browsers/{id_or_name}',
    operationId: 'UpdateBrowser',
    summary: 'Change its telemetry, name, tags, viewport or page.',
    tag: 'browsers',
    recordedAs: 'none',
    parameters: [idOrName],
    body: { schema: updateBrowserSchema, isRequired: false },
    answers: { 200: browserAnswer },
    errors: [...bodyErrors, ...ofServer, 'unknown_category', 'not_supported', 'name_taken'],
  },
  {
    method: 'DELETE',
    path: '/browsers/{id_or_name}',
    operationId: 'DeleteBrowser',
    summary: 'End it. Its streams end, its events stay readable.',
    tag: 'browsers',
    recordedAs: 'none',
    parameters: [idOrName],
    answers: { 204: { description: 'It has ended' } },
    errors: [...ofBrowser],
  },
]

const telemetryOfBrowserRoutes: readonly RouteDeclaration[] = [
  {
    method: 'GET',
    path: '/browsers/{id_or_name}/telemetry/stream',
    operationId: 'StreamBrowserTelemetry',
    summary: "The stream of the browser's server, handed on byte for byte, with all its parameters.",
    tag: 'browsers',
    recordedAs: 'none',
    parameters: [
      idOrName,
      queryText('replay', '`all` = from the oldest event kept.', z.enum(['all'])),
      queryList('type', 'Only events of these types.'),
      { name: 'Last-Event-ID', in: 'header', description: 'Go on after this event.', schema: z.string() },
    ],
    answers: { 200: { description: 'Open until the browser ends', schema: streamText, contentType: 'text/event-stream' } },
    errors: [...ofServer, 'unknown_category', 'too_many_streams'],
  },
  {
    method: 'GET',
    path: '/browsers/{id_or_name}/telemetry/events',
    operationId: 'ReadBrowserTelemetryEvents',
    summary: 'History of a browser, also of one that has ended.',
    tag: 'browsers',
    recordedAs: 'none',
    parameters: [
      idOrName,
      ...pageOf(limits.browserHistoryDefault, limits.browserHistoryMost),
      queryText('order', 'Default `asc`; `desc` not together with `since`.', z.enum(['asc', 'desc'])),
      queryText('since', 'RFC 3339 or a duration; default `5m` unless `offset` or `order=desc` is given.'),
      queryText('until', 'RFC 3339 or a duration; not included.'),
      queryList('category', 'Only events of these categories.', z.enum(categories)),
      queryList('type', 'Only events of these types.'),
    ],
    answers: { 200: { description: 'A page', schema: z.array(envelopeSchema), headers: pagedHeaders } },
    errors: [...ofServer, 'unknown_category', 'archive_unreachable'],
  },
  {
    method: 'POST',
    path: '/browsers/{id_or_name}/curl',
    operationId: 'CurlBrowser',
    summary: "Make a request through the browser's own network stack.",
    tag: 'browsers',
    recordedAs: 'none',
    parameters: [idOrName],
    body: { schema: curlRequestSchema, isRequired: true },
    answers: { 200: { description: 'What the server answered', schema: curlAnswerSchema } },
    errors: [...bodyErrors, ...ofServer, ...curlErrors, 'curl_answer_too_large'],
  },
]

const destinationRoutes: readonly RouteDeclaration[] = [
  {
    method: 'POST',
    path: '/telemetry/destinations',
    operationId: 'CreateDestination',
    summary: 'Name an OTLP collector.',
    tag: 'destinations',
    recordedAs: 'none',
    body: { schema: createDestinationSchema, isRequired: true },
    answers: { 200: destinationAnswer },
    errors: [...bodyErrors, ...access, 'name_taken', 'too_many_destinations'],
  },
  {
    method: 'GET',
    path: '/telemetry/destinations',
    operationId: 'ListDestinations',
    summary: 'Destinations, by name.',
    tag: 'destinations',
    recordedAs: 'none',
    parameters: [
      ...pageOf(limits.browserListDefault, limits.browserListMost),
      queryText('name', 'Exactly this name.'),
      queryText('query', 'Part of an id, a name or an endpoint.'),
    ],
    answers: { 200: { description: 'A page', schema: z.array(destinationSchema), headers: pagedHeaders } },
    errors: [...access],
  },
  {
    method: 'GET',
    path: '/telemetry/destinations/{id_or_name}',
    operationId: 'GetDestination',
    summary: 'One destination.',
    tag: 'destinations',
    recordedAs: 'none',
    parameters: [idOrName],
    answers: { 200: destinationAnswer },
    errors: [...ofDestination],
  },
  {
    method: 'PATCH',
    path: '/telemetry/destinations/{id_or_name}',
    operationId: 'UpdateDestination',
    summary: 'Change it; headers one by one, `null` removes one. Browsers that are created from now on export so.',
    tag: 'destinations',
    recordedAs: 'none',
    parameters: [idOrName],
    body: { schema: updateDestinationSchema, isRequired: true },
    answers: { 200: destinationAnswer },
    errors: [...bodyErrors, ...ofDestination, 'name_taken'],
  },
  {
    method: 'DELETE',
    path: '/telemetry/destinations/{id_or_name}',
    operationId: 'DeleteDestination',
    summary: 'Forget it; not while a browser exports there.',
    tag: 'destinations',
    recordedAs: 'none',
    parameters: [idOrName],
    answers: { 204: { description: 'It is gone' } },
    errors: [...ofDestination, 'destination_in_use'],
  },
]

/** The routes of the control plane beyond the service routes, in the order of the documents. */
export const manyBrowserRoutes: readonly RouteDeclaration[] = [...browserRoutes, ...telemetryOfBrowserRoutes, ...destinationRoutes]
