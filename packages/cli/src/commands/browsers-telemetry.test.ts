// The `browsers telemetry` commands as a person and a program use them, against a small server of the contract.
import { expect, test } from 'vitest'
import { browsers } from '../testing/browsers.ts'
import { runTabscope } from '../testing/command.ts'
import { consoleLine, startContractServer } from '../testing/contract-server.ts'

test('telemetry stream resolves the name, filters at the server, and ends quietly with the browser', async () => {
  let streams = 0
  await using server = await startContractServer({
    events: [consoleLine(5, 'hello'), consoleLine(6, 'world')],
    instead: (response, { line }) => {
      if (!line.endsWith('/telemetry/stream')) return false
      streams += 1
      if (streams === 1) return false
      response.writeHead(404, { 'content-type': 'application/json' }).end('{"code":"browser_gone","message":"gone"}')
      return true
    },
  })
  const args = ['telemetry', 'stream', 'shop', '--categories', 'console,page', '--types', 'console_log', '--seq', '4']
  const { code, out } = await browsers(args, server.env)
  expect([code, out.map((line) => JSON.parse(line))]).toEqual([0, [consoleLine(5, 'hello'), consoleLine(6, 'world')]])
  expect(server.asked.slice(0, 2)).toMatchObject([
    { line: 'GET /browsers/shop' },
    { line: 'GET /browsers/b1/telemetry/stream', query: '?category=console&category=page&type=console_log&gaps=event', lastEventId: '4' },
  ])
})

test('telemetry stream as lines for people, from the oldest event on, ends with 130 on Ctrl-C', async () => {
  await using server = await startContractServer({ staysOpen: true, events: [consoleLine(5, 'hello')] })
  await using command = runTabscope(['browsers', 'telemetry', 'stream', 'b1', '--replay', 'all', '-o', 'table'], server.env)
  expect(await command.stdout.until(/hello/)).toMatch(/^ {5}5 {2}\d\d:\d\d:\d\d\.\d{3} {2}console_log +hello$/)
  expect(server.asked.at(-1)?.query).toBe('?gaps=event&replay=all')
  command.kill('SIGINT')
  expect([await command.ended(), command.stderr.all]).toEqual([130, []])
})

test('telemetry events: a table with a hint, one JSON value with the cursor, or all pages as lines', async () => {
  await using server = await startContractServer({ events: [consoleLine(1, 'one'), consoleLine(2, 'two'), consoleLine(3, 'three')] })
  const table = await browsers(['telemetry', 'events', 'b1', '--since', '1h', '--until', '1m', '--types', 'a,b', '-o', 'table'], server.env)
  expect(table.out.map((line) => line.trim().split(/ {2,}/))).toEqual([
    ['Seq', 'Time', 'Category', 'Type'],
    ['1', expect.stringMatching(/^2026-01-0\d \d\d:\d\d:05$/), 'console', 'console_log', 'one'],
    ['There are more: --offset 1, or --all.'],
  ])
  const json = await browsers(['telemetry', 'events', 'b1', '--offset', '1', '--since', '1h', '--until', '1m', '-o', 'json'], server.env)
  expect(json.out.map((line) => JSON.parse(line))).toEqual([{ events: [consoleLine(2, 'two')], next_offset: 2 }])
  const all = await browsers(['telemetry', 'events', 'b1', '--all', '--order', 'desc', '--limit', '1'], server.env)
  expect(all.out.map((line) => JSON.parse(line).seq)).toEqual([1, 2, 3])
  expect(server.asked.slice(0, 3).map(({ query }) => query)).toEqual([
    '?limit=20&order=asc&since=1h&until=1m&type=a&type=b',
    '?limit=20&offset=1&order=asc&until=1m',
    '?limit=1&order=desc',
  ])
})

test('nothing found is said so', async () => {
  await using server = await startContractServer()
  expect((await browsers(['telemetry', 'events', 'b1', '-o', 'table'], server.env)).out).toEqual(['No telemetry events found.'])
  expect((await browsers(['telemetry', 'events', 'b1', '-o', 'json'], server.env)).out).toEqual(['{"events":[]}'])
})
