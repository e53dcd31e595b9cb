import { Tabscope as Client } from '@tabscope/sdk'

const client = new Client({ apiKey: process.env['TABSCOPE_API_KEY'], baseURL: process.env['TABSCOPE_BASE_URL'] })
const telemetry = { browser: { page: { enabled: true } } }
const browser = await client.browsers.create({ headless: true, telemetry, start_url: process.argv[2] ?? 'https://example.com/' })
for await (const { seq, event } of await client.browsers.telemetry.stream(browser.session_id, { replay: 'all' })) {
  console.log(seq, event.type)
  if (event.type === 'page_navigation_settled') break
}
await client.browsers.deleteByID(browser.session_id)
