// Where a running server offers what. Pure.

/** One line per place. */
export function describePlaces(url: string): string[] {
  return [
    `Stream    ${url}/telemetry/stream   (curl -N, EventSource, or: npx tabscope tail ${url})`,
    `DevTools  ${url}   (Playwright: chromium.connectOverCDP('${url}'); Puppeteer: browserURL)`,
    `OpenAPI   ${url}/openapi.json`,
  ]
}
