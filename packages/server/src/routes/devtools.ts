// The browser's DevTools for other clients. Over HTTP its lists; its WebSockets are taken before the routes (see app.ts), so whoever gets
// here asked for one without asking for an upgrade.
import { type Call, entryOf } from '@tabscope/http'
import { TelemetryError } from '@tabscope/schema'
import type { Handler, Handlers } from '../handlers.ts'

export const devtoolsHandlers: Handlers = {
  DevToolsTargets: asked('/json/list'),
  DevToolsList: asked('/json/list'),
  DevToolsVersion: asked('/json/version'),
  DevToolsProtocol: asked('/json/protocol'),
  DevToolsNew: ({ devtoolsJson }, call) => devtoolsJson.ask(`/json/new${queryOf(call)}`, call),
  DevToolsActivate: withTarget('/json/activate/'),
  DevToolsClose: withTarget('/json/close/'),
  Cdp: needsUpgrade,
  DevTools: needsUpgrade,
}

function asked(path: string): Handler {
  return ({ devtoolsJson }, call) => devtoolsJson.ask(path, call)
}

function withTarget(path: string): Handler {
  return ({ devtoolsJson }, call) => devtoolsJson.ask(path + encodeURIComponent(call.params['target_id'] ?? ''), call)
}

/** The query as it was written: all of it is the new tab's URL. */
function queryOf({ incoming }: Call): string {
  const url = incoming.url ?? ''
  const at = url.indexOf('?')
  return at < 0 ? '' : url.slice(at)
}

function needsUpgrade(_services: unknown, call: Call): Response {
  throw new TelemetryError('upgrade_required', { path: entryOf(call.incoming).basePath + call.path })
}
