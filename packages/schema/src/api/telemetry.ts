// The routes of telemetry: what is captured, the live stream, history, publishing from outside.
import { z } from 'zod'
import { categories } from '../category.ts'
import { configRequestSchema } from '../config-schema.ts'
import { envelopeSchema } from '../envelope.ts'
import { limits } from '../limits.ts'
import { publishRequestSchema } from '../publish-request.ts'
import { detailLevels, sourceKinds } from '../source.ts'
import { streamText, telemetryStateSchema } from './answers.ts'
import { bodyErrors, type Parameter, queryList, queryText, type RouteDeclaration } from './route.ts'

const filterParameters: readonly Parameter[] = [
  queryList('category', 'Only events of these categories; `api` is an old name of `control`.', z.enum(categories)),
  queryList('type', 'Only events of these types; an unknown name matches nothing.'),
  queryList('source_kind', 'Only events of these producers.', z.enum(sourceKinds)),
  queryList('target_id', 'Only events of these CDP targets.'),
  queryText('detail_level', 'Only events captured at this level or a lower one.', z.enum(detailLevels)),
]

/** Where a stream starts, what it carries and when it ends. */
export const streamParameters: readonly Parameter[] = [
  {
    name: 'Last-Event-ID',
    in: 'header',
    description: 'Start after this `seq`. 0, negative or not a number: from now. Wins over the query.',
    schema: z.string(),
  },
  queryText('last_event_id', 'As the header, for clients that cannot set one.'),
  queryText('replay', '`all`: start at the oldest event that is kept; anything else: from now.'),
  ...filterParameters,
  queryList('until_type', 'Close after the first event of one of these types.'),
  queryText(
    'gaps',
    '`event`: tell gaps as `event: gap` frames instead of comments, and, from now on, begin with an id-only frame.',
    z.enum(['comment', 'event']),
  ),
]

const state = { schema: telemetryStateSchema } as const
const stateBody = { schema: configRequestSchema } as const

const configRoutes: readonly RouteDeclaration[] = [
  {
    method: 'GET',
    path: '/telemetry',
    operationId: 'GetTelemetry',
    summary: 'Show what is captured, and how far.',
    tag: 'telemetry',
    recordedAs: 'none',
    answers: { 200: { description: 'The state', ...state } },
    errors: ['telemetry_not_configured'],
  },
  {
    method: 'PUT',
    path: '/telemetry',
    operationId: 'PutTelemetry',
    summary:
      'Replace what is captured. Without `browser` the default set; with it exactly what it enables; nothing enabled switches capture off.',
    tag: 'telemetry',
    recordedAs: 'platform_api_call',
    body: { ...stateBody, isRequired: false },
    answers: { 200: { description: 'Replaced, or switched off', ...state }, 201: { description: 'Switched on', ...state } },
    errors: [...bodyErrors, 'unknown_category', 'storage_not_switchable', 'telemetry_not_applied'],
  },
  {
    method: 'PATCH',
    path: '/telemetry',
    operationId: 'PatchTelemetry',
    summary: 'Change the values that the body gives; a result with nothing enabled switches capture off.',
    tag: 'telemetry',
    recordedAs: 'platform_api_call',
    body: { ...stateBody, isRequired: false },
    answers: { 200: { description: 'Changed', ...state } },
    errors: [...bodyErrors, 'unknown_category', 'telemetry_not_configured', 'storage_not_switchable', 'telemetry_not_applied'],
  },
]

const positiveSeq = z.int().min(1)

const eventRoutes: readonly RouteDeclaration[] = [
  {
    method: 'GET',
    path: '/telemetry/stream',
    operationId: 'StreamTelemetry',
    summary: 'Follow events as they happen, from now, after a `seq`, or from the oldest that is kept.',
    tag: 'telemetry',
    recordedAs: 'none',
    parameters: streamParameters,
    answers: {
      200: { description: 'Open until the client closes it or the server stops', schema: streamText, contentType: 'text/event-stream' },
    },
    errors: ['unknown_category', 'too_many_streams'],
  },
  {
    method: 'GET',
    path: '/telemetry/events',
    operationId: 'ReadTelemetryEvents',
    summary: 'Read events of the past page by page: from the disk, and from S2 what the disk no longer has.',
    tag: 'telemetry',
    recordedAs: 'none',
    parameters: [
      queryText('limit', `Most events of one page; default ${limits.historyPageDefault}.`, positiveSeq.max(limits.historyPageMost)),
      queryText('offset', '`X-Next-Offset` of the page before.', positiveSeq),
      queryText('order', 'Oldest or newest first; default `asc`.', z.enum(['asc', 'desc'])),
      queryText('since', 'From this time on: RFC 3339, or how long ago (`5m`).'),
      queryText('until', 'Before this time: RFC 3339, or how long ago.'),
      ...filterParameters,
    ],
    answers: {
      200: {
        description: 'One page; never empty while more remain',
        schema: z.array(envelopeSchema),
        headers: { 'X-Has-More': '`true` or `false`', 'X-Next-Offset': 'Where the next page begins; absent on the last' },
      },
    },
    errors: ['unknown_category', 'storage_off', 'archive_unreachable'],
  },
  {
    method: 'POST',
    path: '/telemetry/events',
    operationId: 'PublishTelemetryEvent',
    summary: 'Publish an event from outside.',
    tag: 'telemetry',
    recordedAs: 'platform_api_call',
    body: { schema: publishRequestSchema, isRequired: true },
    answers: {
      200: { description: 'Published', schema: envelopeSchema },
      204: { description: 'Not captured: its category or type is switched off' },
    },
    errors: [...bodyErrors, 'unknown_category'],
  },
]

export const telemetryRoutes: readonly RouteDeclaration[] = [...configRoutes, ...eventRoutes]
