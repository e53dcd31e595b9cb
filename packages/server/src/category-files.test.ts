import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { temporaryFolder } from './testing/temporary-folder.ts'
import { startTestServer } from './testing/test-server.ts'

test('a server writes category files beside its log, each event once, also over a restart', async () => {
  await using folder = await temporaryFolder()
  const categoryFiles = join(folder.path, 'files')
  const options = { dataDirectory: join(folder.path, 'data'), categoryFiles, telemetry: ['console', 'system'] } as const
  {
    await using server = await startTestServer(options)
    await server.say('one')
    await server.ask('POST', '/telemetry/events', { json: { type: 'deploy', category: 'system' } })
  }
  {
    await using server = await startTestServer(options)
    await server.say('two')
  }
  const lines = async (name: string): Promise<readonly string[]> =>
    (await readFile(join(categoryFiles, name), 'utf8')).trimEnd().split('\n')
  const consoleTexts = (await lines('console.jsonl')).map((line) => JSON.parse(line).event.data.text)
  expect([(await readdir(categoryFiles)).sort(), consoleTexts, (await lines('system.jsonl')).length]).toEqual([
    ['console.jsonl', 'system.jsonl'],
    ['one', 'two'],
    1,
  ])
})
