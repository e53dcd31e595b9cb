// The first API of this design, kept working as thin mappings onto telemetry: booleans instead of categories.
import { z } from 'zod'
import { envelopeSchema } from '../envelope.ts'
import { publishRequestSchema } from '../publish-request.ts'
import { streamText, telemetryStateSchema } from './answers.ts'
import { bodyErrors, type RouteDeclaration } from './route.ts'
import { streamParameters } from './telemetry.ts'

const flag = z.boolean().nullish()

/** The body of `POST /events/start`. Every option is off by default. */
export const startRequestSchema = z.object({
  console: flag.meta({ description: 'Category console' }),
  network: flag.meta({ description: 'Category network, without bodies' }),
  network_response_body: flag.meta({ description: 'Category network, with bodies' }),
  navigation: flag.meta({ description: 'Navigations and loading, of category page' }),
  dom: flag.meta({ description: 'Document updates, of category page' }),
  layout_shifts: flag.meta({ description: 'Layout shifts, of category page' }),
  screenshots: flag.meta({ description: 'Category screenshot' }),
  screenshot_triggers: z
    .array(z.string())
    .nullish()
    .meta({ description: 'As `browser.screenshot.triggers`; old names without prefix work too' }),
  targets: flag.meta({ description: 'Tabs and workers, of category page' }),
  interactions: flag.meta({ description: 'Category interaction' }),
  computed_events: flag.meta({ description: 'Idle and settled events, and what they need' }),
})
export type StartRequest = z.infer<typeof startRequestSchema>

const state = { description: 'The state', schema: telemetryStateSchema } as const

export const firstGenerationRoutes: readonly RouteDeclaration[] = [
  {
    method: 'POST',
    path: '/events/start',
    operationId: 'StartEvents',
    summary: 'Start capturing; while capturing, reconfigure.',
    tag: 'first generation',
    recordedAs: 'platform_api_call',
    body: { schema: startRequestSchema, isRequired: false },
    answers: { 200: state },
    errors: [...bodyErrors, 'telemetry_not_applied'],
  },
  {
    method: 'POST',
    path: '/events/stop',
    operationId: 'StopEvents',
    summary: 'Stop capturing.',
    tag: 'first generation',
    recordedAs: 'platform_api_call',
    answers: { 200: state },
    errors: ['telemetry_not_applied'],
  },
  {
    method: 'GET',
    path: '/events/stream',
    operationId: 'StreamEvents',
    summary: 'As `GET /telemetry/stream`.',
    tag: 'first generation',
    recordedAs: 'none',
    parameters: streamParameters,
    answers: {
      200: { description: 'Open until the client closes it or the server stops', schema: streamText, contentType: 'text/event-stream' },
    },
    errors: ['unknown_category', 'too_many_streams'],
  },
  {
    method: 'POST',
    path: '/events/publish',
    operationId: 'PublishEvent',
    summary: 'As `POST /telemetry/events`.',
    tag: 'first generation',
    recordedAs: 'platform_api_call',
    body: { schema: publishRequestSchema, isRequired: true },
    answers: {
      200: { description: 'Published', schema: envelopeSchema },
      204: { description: 'Not captured: its category or type is switched off' },
    },
    errors: [...bodyErrors, 'unknown_category'],
  },
]
