// Changes of a browser that runs: what concerns its server is asked of that server, one change after the other, and what came of it is
// remembered. The rules of `telemetry` are telemetry-layers.ts's.
import { limits, replaceConfig, type TelemetryConfig, TelemetryError, telemetryConfigSchema } from '@tabscope/schema'
import { type LiveBrowser, remember } from './browser-life.ts'
import { withCaptured } from './browser-record.ts'
import type { ChangeRequest } from './browser-request.ts'
import { viewportOf } from './new-record.ts'
import { ask, type ServerAccess } from './server-client.ts'
import type { Services } from './services.ts'
import { overDefaults, type TelemetryChange, telemetryChange } from './telemetry-layers.ts'

/** Applies the change. Throws `browser_gone`, `browser_unreachable`, `name_taken`, and what a wrong configuration throws. */
export function changeBrowser(services: Surroundings, browser: LiveBrowser, request: ChangeRequest): Promise<void> {
  const change = telemetryChange(request.telemetry)
  // A wrong name is refused before anything is changed.
  if (change.kind === 'replace' || change.kind === 'merge') replaceConfig(undefined, { browser: change.browser })
  const done = browser.lastChange.then(() => apply(services, browser, { request, change }))
  // The next change does not care whether this one failed: its caller is told.
  browser.lastChange = done.catch(() => undefined)
  return done
}

type Surroundings = Pick<Services, 'browsers' | 'clock' | 'logger'>

interface Change {
  readonly request: ChangeRequest
  readonly change: TelemetryChange
}

async function apply({ browsers, clock, logger }: Surroundings, browser: LiveBrowser, { request, change }: Change): Promise<void> {
  const access = await browsers.accessTo(browser)
  await browsers.rename(browser, request)
  if (change.kind !== 'unchanged') {
    const config = await applyTelemetry(access, withExcluded(change, browser.record.excludedMethods), clock)
    await remember(browser, withCaptured(browser.record, config))
  }
  const { viewport, start_url: url } = request
  if (viewport !== undefined || url !== undefined) {
    const problem = await drive(access, { viewport, url }, clock)
    if (problem !== undefined) logger.warn({ browser: browser.id, problem }, 'a page was not shown')
    const size = viewport === undefined ? {} : { viewport: viewportOf(viewport) }
    await remember(browser, { ...browser.record, ...size, ...(url === undefined ? {} : { startUrl: url }) })
  }
}

/** The list of excluded methods outlives every change that does not name it, also switching off: a server that is off forgets it. */
function withExcluded(change: TelemetryChange, excluded: readonly string[]): TelemetryChange {
  if ((change.kind !== 'replace' && change.kind !== 'merge') || excluded.length === 0) return change
  const { control } = change.browser
  return { ...change, browser: { ...change.browser, control: { cdp: { excluded_methods: excluded }, ...control } } }
}

/** Makes the server capture what the change says; answers what is captured then, or undefined when it is off. */
export async function applyTelemetry(
  access: ServerAccess,
  change: TelemetryChange,
  clock: Services['clock'],
): Promise<TelemetryConfig | undefined> {
  if (change.kind === 'merge') {
    const merged = await ask(access, { method: 'PATCH', path: '/telemetry', body: JSON.stringify({ browser: change.browser }) }, { clock })
    // 404 = nothing is captured, so there is nothing to merge with but the default set.
    if (merged.status !== 404) return configOf(access, merged)
  }
  const browser = change.kind === 'replace' ? change.browser : change.kind === 'merge' ? overDefaults(change.browser) : {}
  return configOf(access, await ask(access, { method: 'PUT', path: '/telemetry', body: JSON.stringify({ browser }) }, { clock }))
}

function configOf({ id }: ServerAccess, { status, body }: { status: number; body: Buffer }): TelemetryConfig | undefined {
  const text = body.toString('utf8')
  const parsed = status < 300 ? telemetryConfigSchema.safeParse(configIn(text)) : undefined
  if (parsed?.success === true) return parsed.data as TelemetryConfig
  throw new TelemetryError('browser_unreachable', { id, problem: `it answered ${status}: ${text.slice(0, 256)}` })
}

function configIn(text: string): unknown {
  try {
    const state: unknown = JSON.parse(text)
    return typeof state === 'object' && state !== null ? Reflect.get(state, 'config') : undefined
  } catch {
    return undefined
  }
}

/** Lets the browser show something, in some size: best effort. Answers what went wrong, if anything did. */
export async function drive(access: ServerAccess, wish: object, clock: Services['clock']): Promise<string | undefined> {
  const answer = await ask(access, { method: 'PATCH', path: '/browser', body: JSON.stringify(wish) }, { clock })
  return answer.status < 300 ? undefined : answer.body.toString('utf8').slice(0, limits.configTextBytes)
}
