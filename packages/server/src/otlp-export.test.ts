// The export of a whole server: switched on and off while it runs, to a real collector, across a stop.
import { otlpConfigFrom } from '@tabscope/sinks'
import { type Collector, noCollector, startCollector } from '@tabscope/sinks/testing'
import { expect, test } from 'vitest'
import type { ServeOptions } from './config.ts'
import { createLogger } from './log-line.ts'
import { temporaryFolder } from './testing/temporary-folder.ts'
import { startTestServer, type TestServer } from './testing/test-server.ts'

const withCollector = test.skipIf(noCollector !== undefined)
const secret = 's3cr3t-key'

function exportTo(collector: Collector): Pick<ServeOptions, 'otlp'> {
  const config = otlpConfigFrom({ OTEL_EXPORTER_OTLP_ENDPOINT: collector.endpoint, OTEL_EXPORTER_OTLP_HEADERS: `x-api-key=${secret}` })
  if (config === undefined) throw new Error('no endpoint')
  return { otlp: { at: 'on', config } }
}

interface Shown {
  readonly config: { readonly export: { readonly otlp: { readonly enabled: boolean } } }
  readonly warnings: readonly string[]
}

async function switchExport(server: TestServer, enabled: boolean, labels: Readonly<Record<string, string>> = {}): Promise<Shown> {
  const { json } = await server.ask('PATCH', '/telemetry', { json: { export: { otlp: { enabled } }, labels } })
  const { config, warnings } = json as Shown
  return { config, warnings: warnings.filter((warning) => !warning.includes('no browser')) }
}

async function sinkNames(server: TestServer): Promise<readonly string[]> {
  const { json } = await server.ask('GET', '/readyz')
  return ((json as { sinks?: { name: string }[] }).sinks ?? []).map(({ name }) => name)
}

/** Switching off goes on in the background. */
async function untilGone(server: TestServer): Promise<void> {
  while ((await sinkNames(server)).length > 0) await new Promise((resolve) => setImmediate(resolve))
}

async function untilCounted(server: TestServer, name: string): Promise<void> {
  const counted = new RegExp(`^tabscope_sink_${name}_total\\{sink="otlp"\\} [1-9]`, 'm')
  while (!counted.test((await server.ask('GET', '/metrics')).text));
}

const texts = (collector: Collector): readonly string[] =>
  [...collector.output().matchAll(/^Body: Map\(.*"text":"([^"]*)".*\)$/gm)].map(([, text]) => text ?? '')

withCollector('what happens while the export is on goes to the collector, with the labels; before and in between does not', async () => {
  await using collector = await startCollector()
  await using folder = await temporaryFolder()
  await using server = await startTestServer({
    ...exportTo(collector),
    dataDirectory: folder.path,
    telemetry: ['console'],
    labels: { region: 'eu' },
  })
  await server.say('before')
  const on = await switchExport(server, true, { egress_ip: '203.0.113.7' })
  await server.say('while it is on')
  await collector.until((output) => output.includes('while it is on'))
  await switchExport(server, false)
  await server.say('in between')
  await switchExport(server, true)
  await server.say('on again')
  const output = await collector.until((text) => text.includes('on again'))
  expect([on.config.export.otlp.enabled, on.warnings, texts(collector)]).toEqual([true, [], ['while it is on', 'on again']])
  expect(output).toContain('-> region: Str(eu)')
  expect(output).toContain('-> egress_ip: Str(203.0.113.7)')
})

withCollector.each([
  ['away from the start', false],
  ['away after a while', true],
])('a server that stops while the collector is %s brings the rest after its next start, and shows the key nowhere', async (_, wasThere) => {
  await using collector = await startCollector()
  await using folder = await temporaryFolder()
  const lines: string[] = []
  const logger = createLogger('debug', { write: (line) => lines.push(line) })
  const options = {
    ...exportTo(collector),
    exportsOtlp: true,
    dataDirectory: folder.path,
    telemetry: ['console', 'system'] as const,
    logger,
  }
  const shown: string[] = []
  if (!wasThere) await collector.kill()
  {
    await using server = await startTestServer(options)
    await server.say('one')
    // When it has it and we know it: what was sent and not answered comes twice.
    if (wasThere) {
      await untilCounted(server, 'written_events')
      await collector.kill()
    }
    await server.say('two')
    await untilCounted(server, 'retries')
    shown.push(
      (await server.ask('GET', '/metrics')).text,
      (await server.ask('GET', '/telemetry')).text,
      (await server.ask('GET', '/readyz')).text,
    )
  }
  await collector.start()
  await using again = await startTestServer(options)
  await again.say('three')
  await collector.until((output) => output.includes('"text":"three"'))
  expect(texts(collector)).toEqual(['one', 'two', 'three'])
  expect([shown.join(''), lines.join('')].map((text) => text.includes(secret))).toEqual([false, false])
  expect(lines.join('')).toContain(`${collector.endpoint}/v1/logs`)
})

test('an export that has nowhere to go is a warning that says what to do', async () => {
  await using server = await startTestServer({
    otlp: { at: 'off', reason: 'OTEL_EXPORTER_OTLP_ENDPOINT is not set' },
    telemetry: ['console'],
  })
  const { warnings } = await switchExport(server, true)
  expect([warnings, await sinkNames(server)]).toEqual([
    ['export.otlp.enabled was asked for, but nothing is exported: OTEL_EXPORTER_OTLP_ENDPOINT is not set.'],
    [],
  ])
})

test('switching telemetry off ends the export', async () => {
  const config = otlpConfigFrom({ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9' })
  if (config === undefined) throw new Error('no endpoint')
  await using server = await startTestServer({ otlp: { at: 'on', config }, exportsOtlp: true, telemetry: ['console'] })
  const before = await sinkNames(server)
  await server.ask('PUT', '/telemetry', { json: { browser: {} } })
  await untilGone(server)
  expect(before).toEqual(['otlp'])
})
