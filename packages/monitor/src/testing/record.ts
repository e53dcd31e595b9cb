// Makes recordings of real traffic: `npx tsx packages/monitor/src/testing/record.ts [name…]`. Each run drives a real Chromium through a
// behaviour and writes fixtures/cdp/<name>.ndjson (the traffic) and <name>.witness.json (what the page server saw).
// The golden beside them is made from a replay, by `--accept`, after it was compared with the witness: see recordings.test.ts.
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { openWebSocket, recordTransport } from '@tabscope/cdp'
import { launchTestChromium, openDriver, servePages } from '@tabscope/cdp/testing'
import { systemClock } from '@tabscope/schema'
import { createMonitor } from '../supervisor.ts'
import type { Behaviour, Stage } from './behaviour.ts'
import { behaviours } from './behaviours.ts'
import { createCaptured } from './captured.ts'
import { behaviourConfig, type RecordedChange, recordedNames, recordingsFolder, replayBehaviour, serialiseDrafts } from './recorded.ts'
import { startTcpProxy } from './tcp-proxy.ts'

async function record(behaviour: Behaviour): Promise<void> {
  await using chromium = await launchTestChromium({ args: behaviour.chromiumArgs ?? [] })
  await using server = await servePages(behaviour.pages, behaviour.upgrade === undefined ? {} : { upgrade: behaviour.upgrade })
  await using driver = await openDriver(chromium.wsUrl)
  await behaviour.before?.({ server, driver })
  const captured = createCaptured()
  // What was served before capture is nothing that the stream has to tell.
  const servedBefore = server.log.length
  const lines: string[] = []
  const changes: RecordedChange[] = []
  let isRecording = true
  const warnings: unknown[] = []
  let isLive = (): void => undefined
  const live = new Promise<void>((resolve) => {
    isLive = resolve
  })
  await using proxy = await startTcpProxy(chromium.wsUrl)
  const url = proxy.through(chromium.wsUrl)
  const startMs = systemClock.monotonicMs()
  // One recorder for all connections, so that times go on and connections are counted.
  const recorder = recordTransport(openWebSocket(url), { clock: systemClock, write: (line) => isRecording && lines.push(line) })
  await using monitor = createMonitor({
    endpoint: async () => url,
    publish: captured.publish,
    clock: systemClock,
    transport: () => recorder,
    randomName: recordedNames(),
    onState: (at) => at === 'live' && isLive(),
    log: (level, text, fields) => level === 'warn' && warnings.push({ text, ...fields }),
  })
  await monitor.apply(behaviourConfig(behaviour), 'recorded')
  await live
  const change: Stage['change'] = async (categories) => {
    changes.push({ at_ms: systemClock.monotonicMs() - startMs, categories })
    await monitor.apply(behaviourConfig({ ...behaviour, categories }), 'recorded')
  }
  await behaviour.drive({ server, driver, captured, change, proxy })
  // What the closing does is no part of the behaviour.
  isRecording = false
  await monitor.close()
  if (warnings.length > 0) process.stdout.write(`  warnings: ${JSON.stringify(warnings)}\n`)
  await mkdir(recordingsFolder, { recursive: true })
  await writeFile(join(recordingsFolder, `${behaviour.name}.ndjson`), `${lines.join('\n')}\n`)
  const witness = {
    shows: behaviour.shows,
    requests: server.log.slice(servedBefore).map(({ method, host, path }) => ({ method, url: `http://${host}${path}` })),
    ...(changes.length === 0 ? {} : { changes }),
  }
  await writeFile(join(recordingsFolder, `${behaviour.name}.witness.json`), `${JSON.stringify(witness, undefined, 2)}\n`)
}

async function accept(behaviour: Behaviour): Promise<void> {
  const { drafts, report } = await replayBehaviour(behaviour)
  if (report.unanswered.length > 0) process.stdout.write(`  not in the recording: ${JSON.stringify(report.unanswered)}\n`)
  await writeFile(join(recordingsFolder, `${behaviour.name}.events.ndjson`), serialiseDrafts(drafts))
}

const names = process.argv.slice(2).filter((argument) => !argument.startsWith('--'))
const chosen = behaviours.filter(({ name }) => names.length === 0 || names.includes(name))
for (const name of names)
  if (!behaviours.some((known) => known.name === name))
    throw new Error(`no behaviour ${name}; known: ${behaviours.map((known) => known.name).join(', ')}`)
for (const behaviour of chosen) {
  process.stdout.write(`${behaviour.name}\n`)
  if (!process.argv.includes('--accept')) await record(behaviour)
  else await accept(behaviour)
}
