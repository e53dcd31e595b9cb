// Where a running server offers what.
import type { RunningServer, ServeOptions } from '@tabscope/server'

/** One line per place. */
export async function describePlaces(server: RunningServer, browser: ServeOptions['browser'], signal: AbortSignal): Promise<string[]> {
  const devtools = await devtoolsOf(server, browser, signal)
  return [
    `Stream    ${server.url}/telemetry/stream   (curl -N, EventSource, or: npx tabscope tail ${server.url})`,
    ...(devtools === undefined ? [] : [`DevTools  ${devtools}   (Playwright: connectOverCDP; Puppeteer: browserWSEndpoint)`]),
    `OpenAPI   ${server.url}/openapi.json`,
  ]
}

/** Of a browser that somebody else starts, perhaps later, only what was given is known. */
async function devtoolsOf(server: RunningServer, browser: ServeOptions['browser'], signal: AbortSignal): Promise<string | undefined> {
  if (browser.at === 'none') return undefined
  return browser.at === 'connect' ? browser.endpoint : server.browserEndpoint(signal)
}
