import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { startTestServer } from './testing/test-server.ts'

const secret = 'S3CR3T-value-that-nobody-may-see'

// Every place that an outside producer can put a secret into.
const secretEvent = {
  type: 'network_response',
  data: {
    request_id: '1',
    method: 'GET',
    url: `https://user:${secret}@host.example/?access_token=${secret}#id_token=${secret}`,
    status: 200,
    headers: { 'set-cookie': `sid=${secret}; Path=/`, location: `/next?code=${secret}` },
    request_headers: { authorization: `Bearer ${secret}`, cookie: `a=${secret}` },
    body: JSON.stringify({ password: secret, deep: [{ token: secret }] }),
  },
}

async function everyByteOf(folder: string): Promise<string> {
  const names = await readdir(folder, { recursive: true, withFileTypes: true })
  const files = names.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
  return (await Promise.all(files.map((file) => readFile(file, 'latin1')))).join('\n')
}

test('a secret is in no answer, no stream, no metric and no byte on disk', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'tabscope-redaction-'))
  const server = await startTestServer({ dataDirectory: folder, telemetry: ['network', 'console'] })
  const answer = await server.ask('POST', '/telemetry/events', { json: secretEvent })
  const said = await server.ask('POST', '/telemetry/events', {
    json: { type: 'console_log', data: { level: 'log', text: `login with password=${secret}` } },
  })
  const metrics = await server.ask('GET', '/metrics')
  await server[Symbol.asyncDispose]()
  const disk = await everyByteOf(folder)
  expect({ status: [answer.status, said.status], redacted: disk.includes('[redacted]') }).toEqual({ status: [200, 200], redacted: true })
  for (const text of [answer.text, said.text, metrics.text, disk]) expect(text).not.toContain(secret)
  await rm(folder, { recursive: true })
})

test('redaction can be switched off, and off for one category', async () => {
  await using server = await startTestServer({ telemetry: ['network', 'console'] })
  const say = { json: { type: 'console_log', data: { level: 'log', text: `password=${secret}` } } }
  await server.ask('PATCH', '/telemetry', { json: { redaction: { except: ['console'] } } })
  expect((await server.ask('POST', '/telemetry/events', say)).text).toContain(secret)
  expect((await server.ask('POST', '/telemetry/events', { json: secretEvent })).text).not.toContain(secret)
  await server.ask('PATCH', '/telemetry', { json: { redaction: { enabled: false } } })
  expect((await server.ask('POST', '/telemetry/events', { json: secretEvent })).text).toContain(secret)
})

test('names can be added to the rules', async () => {
  await using server = await startTestServer({ telemetry: ['network'] })
  await server.ask('PATCH', '/telemetry', { json: { redaction: { headers: ['x-partner'], parameters: ['pin'] } } })
  const data = { request_id: '1', method: 'GET', url: `https://h.example/?pin=${secret}`, headers: { 'X-Partner': secret } }
  const { text } = await server.ask('POST', '/telemetry/events', { json: { type: 'network_request', data } })
  expect(text).not.toContain(secret)
})

test('a change of what is captured is told to the readers of the stream', async () => {
  await using server = await startTestServer({ telemetry: ['network'] })
  await server.ask('PATCH', '/telemetry', { json: { browser: { console: { enabled: true } } } })
  const { json } = await server.ask('GET', '/telemetry')
  expect(json).toMatchObject({ seq: 1, config: { browser: { console: { enabled: true } } } })
})
