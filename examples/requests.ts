// Prints the requests of a page as a list like that of a HAR file: `npx tsx examples/requests.ts https://example.com/ > requests.json`
import { type Envelope, Tabscope } from '@tabscope/sdk'

interface Entry {
  startedAt: string
  method: string | undefined
  url: string | undefined
  status?: number | undefined
  mimeType?: string | undefined
  durationMs?: number | undefined
  error?: string | undefined
}

const client = new Tabscope()
const entries = new Map<string, Entry>()
const browser = await client.browsers.create({
  headless: true,
  start_url: process.argv[2] ?? 'https://example.com/',
  telemetry: { browser: { network: { enabled: true }, page: { enabled: true } } },
})
try {
  const events = client.browsers.telemetry.stream(browser.session_id, {
    replay: 'all',
    category: ['network'],
    untilType: ['page_navigation_settled'],
  })
  for await (const envelope of events) take(envelope)
} finally {
  await client.browsers.delete(browser.session_id)
}
console.log(JSON.stringify([...entries.values()], undefined, 2))

function take({ event }: Envelope): void {
  const key = 'request_id' in event.data ? `${event.data.request_id}` : ''
  if (event.type === 'network_request') {
    // A redirect keeps its id: what was there before is complete.
    const before = entries.get(key)
    if (before !== undefined) entries.set(`${key} before ${event.ts}`, before)
    entries.set(key, { startedAt: new Date(event.ts / 1000).toISOString(), method: event.data.method, url: event.data.url })
  }
  const entry = entries.get(key)
  if (entry === undefined) return
  if (event.type === 'network_response') {
    Object.assign(entry, { status: event.data.status, mimeType: event.data.mime_type, durationMs: event.data.duration_ms })
  } else if (event.type === 'network_loading_failed') entry.error = event.data.error_text
}
