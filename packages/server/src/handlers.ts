// How routes are named and called: each handler by the operation id of its declaration in schema's `api`. A declared route without
// a handler, or a handler without a declared route, fails at start, so that document and server cannot drift apart.
import { type Call, type Route, shownError } from '@tabscope/http'
import { type EventDraft, newRequestId, type RouteDeclaration } from '@tabscope/schema'
import type { Services } from './services.ts'

export type Handler = (services: Services, call: Call) => Response | Promise<Response>

/** Handlers by operation id. */
export type Handlers = Readonly<Record<string, Handler>>

/** The routes of these declarations with their handlers. */
export function routesOf(declarations: readonly RouteDeclaration[], handlers: Handlers, services: Services): readonly Route[] {
  const undeclared = Object.keys(handlers).filter((name) => !declarations.some(({ operationId }) => operationId === name))
  if (undeclared.length > 0) throw new Error(`handlers without a declared route: ${undeclared.join(', ')}`)
  return declarations.map((declaration) => {
    const handler = handlers[declaration.operationId]
    if (handler === undefined) throw new Error(`no handler for ${declaration.operationId}`)
    const handle = (call: Call): Response | Promise<Response> => {
      if (isUse(declaration)) services.activity.touch()
      return handler(services, call)
    }
    return { method: declaration.method, path: declaration.path, handle: recorded(declaration, handle, services) }
  })
}

/** Streams and questions about the server itself keep no browser alive. */
function isUse({ tag, answers }: RouteDeclaration): boolean {
  return tag !== 'service' && answers[200]?.contentType !== 'text/event-stream'
}

/** Lets a call that drives the browser or manages the server leave its event; reads leave none, so a stream never records the reading of itself. */
function recorded(declaration: RouteDeclaration, handle: Route['handle'], services: Services): Route['handle'] {
  const { recordedAs } = declaration
  if (recordedAs === 'none') return handle
  const { clock } = services
  return async (call) => {
    const startMs = clock.monotonicMs()
    const tell = (status: number): void => {
      services.session.publish(
        callDraft(recordedAs, { operationId: declaration.operationId, status, durationMs: clock.monotonicMs() - startMs }),
      )
    }
    try {
      const answer = await handle(call)
      tell(answer.status)
      return answer
    } catch (error) {
      tell(shownError(error).httpStatus)
      throw error
    }
  }
}

interface FinishedCall {
  readonly operationId: string
  readonly status: number
  readonly durationMs: number
}

function callDraft(type: 'api_call' | 'platform_api_call', call: FinishedCall): EventDraft<'api_call'> | EventDraft<'platform_api_call'> {
  const { operationId, status, durationMs } = call
  const data = { request_id: newRequestId(), operation_id: operationId, status, duration_ms: Math.round(durationMs) }
  const frame = { detailLevel: 'standard', source: { kind: 'kernel_api' }, data } as const
  return type === 'api_call' ? { type, category: 'control', ...frame } : { type, category: 'platform', ...frame }
}
