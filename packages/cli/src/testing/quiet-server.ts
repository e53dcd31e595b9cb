// A real server without a browser, in this process, whose events a test publishes itself.
import { createLogger, type RunningServer, type ServeOptions, serve } from '@tabscope/server'

/** Starts it on a free port unless told otherwise; everything can be published. */
export function startQuietServer(options: Partial<ServeOptions> = {}): Promise<RunningServer> {
  return serve({ port: 0, browser: { at: 'none' }, telemetry: 'all', logger: createLogger('silent'), ...options })
}

/** Publishes one event of category `system` and answers its number. */
export async function publish(server: { readonly url: string }, text: string, type = 'test_event'): Promise<number> {
  const body = JSON.stringify({ type, category: 'system', data: { text } })
  const response = await fetch(`${server.url}/telemetry/events`, { method: 'POST', body, headers: { 'content-type': 'application/json' } })
  const envelope: unknown = await response.json()
  if (typeof envelope === 'object' && envelope !== null && 'seq' in envelope && typeof envelope.seq === 'number') return envelope.seq
  throw new Error(`publishing answered ${response.status}: ${JSON.stringify(envelope)}`)
}
