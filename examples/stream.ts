// Shows what happens in a page, with the types of the events: `npx tsx examples/stream.ts https://example.com/`
import { type Envelope, Tabscope } from '@tabscope/sdk'

const client = new Tabscope()
const browser = await client.browsers.create({
  headless: true,
  start_url: process.argv[2] ?? 'https://example.com/',
  telemetry: { browser: { console: { enabled: true }, network: { enabled: true }, page: { enabled: true } } },
})
try {
  const events = client.browsers.telemetry.stream(browser.session_id, {
    replay: 'all',
    onGap: ({ from, to }) => console.error(`events ${from} to ${to} are gone`),
    onConnection: (change) => console.error(change.at === 'live' ? 'connected' : `lost: ${change.reason}`),
  })
  for await (const envelope of events) {
    console.log(envelope.seq, describe(envelope))
    if (envelope.event.type === 'page_navigation_settled') break
  }
} finally {
  await client.browsers.delete(browser.session_id)
}

/** Each case knows the fields of its own type. */
function describe({ event }: Envelope): string {
  switch (event.type) {
    case 'console_log':
      return `${event.data.level}: ${event.data.text}`
    case 'console_error':
      return `error: ${event.data.text}`
    case 'network_response':
      return `${event.data.status} ${event.data.url}`
    case 'network_loading_failed':
      return `failed: ${event.data.error_text} ${event.data.url ?? ''}`
    case 'page_navigation':
      return `now at ${event.data.url}`
    default:
      return event.type
  }
}
