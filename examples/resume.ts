// Writes the events of a browser to a file, each exactly once, however often this program is killed and started again:
// `npx tsx examples/resume.ts BROWSER events.ndjson`. The file itself says how far it got.
import { appendFileSync, existsSync, readFileSync, truncateSync } from 'node:fs'
import { Tabscope } from '@tabscope/sdk'

const [id = '', file = 'events.ndjson'] = process.argv.slice(2)
const client = new Tabscope()
await client.browsers.retrieve(id)
const lastEventId = lastSeqIn(file)
console.log(lastEventId === undefined ? 'from the beginning' : `behind event ${lastEventId}`)
const gaps: string[] = []
const events = client.browsers.telemetry.stream(id, {
  lastEventId,
  replay: 'all',
  onGap: (gap) => gaps.push(JSON.stringify(gap)),
})
for await (const envelope of events) appendFileSync(file, `${JSON.stringify(envelope)}\n`)
console.log(`the browser has ended; gaps: ${gaps.join(' ') || 'none'}`)

/** The number of the last complete line. A line that a crash cut off is taken away; its event comes again. */
function lastSeqIn(path: string): number | undefined {
  if (!existsSync(path)) return undefined
  const text = readFileSync(path, 'utf8')
  const complete = text.slice(0, text.lastIndexOf('\n') + 1)
  truncateSync(path, Buffer.byteLength(complete))
  const last = complete.trimEnd().split('\n').at(-1)
  return last === undefined || last === '' ? undefined : JSON.parse(last).seq
}
