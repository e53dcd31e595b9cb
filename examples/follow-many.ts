// Follows many browsers at once, each until its page is done: `npx tsx examples/follow-many.ts 10 https://example.com/`
import { Tabscope } from '@tabscope/sdk'

const count = Number(process.argv[2] ?? 10)
const url = process.argv[3] ?? 'https://example.com/'
const client = new Tabscope()

async function follow(name: string): Promise<void> {
  const browser = await client.browsers.create({
    name,
    headless: true,
    start_url: url,
    telemetry: { browser: { page: { enabled: true } } },
  })
  try {
    let events = 0
    for await (const { event } of client.browsers.telemetry.stream(browser.session_id, { replay: 'all' })) {
      events += 1
      if (event.type === 'page_navigation_settled') break
    }
    console.log(`${name}: done after ${events} events`)
  } finally {
    await client.browsers.delete(browser.session_id)
  }
}

const all = await Promise.allSettled(Array.from({ length: count }, (_, index) => follow(`worker-${index + 1}`)))
for (const result of all) if (result.status === 'rejected') console.error(result.reason)
console.log(`${all.filter(({ status }) => status === 'fulfilled').length} of ${count} browsers`)
