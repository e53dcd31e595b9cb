// Every command of docs/control-plane.md and docs/curl.md is run in its order, as it stands there but for the port.
import { expect, test } from 'vitest'
import { type RunningCommand, runCommand, runTabscope, urlOf } from '../packages/cli/src/testing/command.ts'
import { apiKey, startTestControl } from '../packages/cli/src/testing/control.ts'
import { commandsOf, readDocument } from './documents.ts'

function run(command: string, written: string, url: string): RunningCommand {
  return runCommand('bash', ['-c', command.replaceAll(written, url)], { TABSCOPE_API_KEY: apiKey })
}

/** What each command of docs/control-plane.md answers; that of `npx tabscope control` is the control plane itself. */
const answers: readonly (readonly [RegExp, RegExp])[] = [
  [/healthz$/, /^\{"status":"ok"\}$/],
  [/browsers -d /, /"session_id":"\w{24}".*"name":"shop"/],
  [/stream\?/, /"type":"page_load"/],
  [/PATCH/, /"console":\{"enabled":true\}/],
  // Where nothing of the world can be reached it says so.
  [/\/curl -d /, /"status":200|"code":"curl_failed"/],
  [/events\?/, /^\[\{"seq":\d+/],
  [/DELETE/, /^$/],
  [/status=deleted/, /^\[\{"session_id":.*"deleted_at":/],
]

test('the commands of docs/control-plane.md work one after the other', async () => {
  const [start, ...commands] = commandsOf(readDocument('docs/control-plane.md'))
  expect([start, commands.length]).toEqual(['npx tabscope control', answers.length])
  await using control = await startTestControl()
  for (const [position, command] of commands.entries()) {
    const [form, answer] = answers[position] ?? [/never/, /never/]
    expect(command).toMatch(form)
    await using running = run(command, 'http://127.0.0.1:8400', control.url)
    expect([command, await running.ended()]).toEqual([command, 0])
    expect(running.stdout.all.join('\n')).toMatch(answer)
  }
})

test('the command of docs/curl.md works', async () => {
  const [command = '', ...others] = commandsOf(readDocument('docs/curl.md'))
  expect(others).toEqual([])
  await using server = runTabscope(['serve', '--port', '0', '--data', 'none'])
  await using running = run(command, 'http://127.0.0.1:10001', await urlOf(server))
  expect(await running.ended()).toBe(0)
  expect(running.stdout.all.join('\n')).toMatch(/"status":200|"code":"curl_failed"/)
  server.kill('SIGINT')
  await server.ended()
})
