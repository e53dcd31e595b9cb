// The commands of docs/durability.md are run as they stand there, one after another in one shell, but for ports and folder.

import { once } from 'node:events'
import { createServer } from 'node:net'
import { dirname } from 'node:path'
import { describeWithS2, findS2 } from '@tabscope/sinks/testing'
import { expect, test } from 'vitest'
import { runCommand, tabscopeFile } from '../packages/cli/src/testing/command.ts'
import { makeFolder } from '../packages/cli/src/testing/folder.ts'
import { commandsOf, readDocument } from './documents.ts'

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  if (address === null || typeof address === 'string') throw new Error('no port')
  return address.port
}

describeWithS2('the commands of docs/durability.md', () => {
  test('carry an event to S2, and out of it again, as lines and as a stream', async () => {
    await using folder = await makeFolder()
    const [s2Port, serverPort] = [await freePort(), await freePort()]
    const commands = commandsOf(readDocument('docs/durability.md')).map((command) =>
      command
        .replaceAll('8700', String(s2Port))
        .replaceAll('10002', String(serverPort))
        .replace('--serve 10003', '--serve 0')
        .replaceAll('npx tabscope', `"${process.execPath}" "${tabscopeFile}"`),
    )
    expect(commands.length).toBeGreaterThan(5)
    const script = [`cd "${folder.path}"`, ...commands].join('\n')
    const path = `${dirname(findS2() ?? '')}:${process.env['PATH']}`
    // It ends with everything that it runs in the background.
    await using shell = runCommand('bash', ['-c', script], { PATH: path })
    await shell.stderr.until(/everything has happened: 1 is the last event/)
    const said = shell.stdout.all.join('\n')
    expect(said).toMatch(/"sinks":\[\{"name":"s2","state":"(starting|running)"/)
    // Published, replayed as a line; then the address of the stream.
    expect(said.match(/\{"seq":1,[^\n]*"type":"tried"/g)?.length).toBe(2)
    expect(said).toMatch(/^Stream {4}http:\/\/127\.0\.0\.1:\d+\/telemetry\/stream/m)
  })
})
