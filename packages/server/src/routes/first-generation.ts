// The first API of this design, kept working over the routes of today.
import { type Call, readJsonBody, validated } from '@tabscope/http'
import { startRequestSchema, withCategories } from '@tabscope/schema'
import { decisionFor } from '../decision.ts'
import { configFromStart } from '../first-generation.ts'
import type { Handlers } from '../handlers.ts'
import type { Services } from '../services.ts'
import { publishEvent } from './events.ts'
import { openStream } from './stream.ts'
import { stateResponse } from './telemetry.ts'

export const firstGenerationHandlers: Handlers = {
  StartEvents: start,
  StopEvents: stop,
  StreamEvents: openStream,
  PublishEvent: publishEvent,
}

async function start({ session, defaults, storage }: Services, call: Call): Promise<Response> {
  const request = validated(startRequestSchema, 'body', (await readJsonBody(call.incoming)) ?? {})
  const { config, warnings } = configFromStart(request, defaults)
  const change = await session.change(() => decisionFor(config, storage, warnings))
  return stateResponse(change.state)
}

async function stop({ session, defaults }: Services): Promise<Response> {
  const nothing = withCategories(defaults, new Set())
  const change = await session.change(() => ({ config: nothing, warnings: [] }))
  return stateResponse(change.state)
}
