import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { runTabscope, urlOf } from '../testing/command.ts'
import { makeFolder } from '../testing/folder.ts'

const secret = 'a secret of more than thirty-two bytes'
const quiet = ['--browser', 'none', '--data', 'none', '--port', '0', '--browser-id', 'b-1']

test('a token of the command lets in at a server with the same secret, and the secret is nowhere to be read', async () => {
  await using folder = await makeFolder()
  const file = join(folder.path, 'secret')
  await writeFile(file, `${secret}\n`)
  await using server = runTabscope(['serve', ...quiet, '--token-secret-file', file])
  const url = await urlOf(server)
  await using command = runTabscope(['token', '--browser-id', 'b-1'], { TABSCOPE_TOKEN_SECRET: secret })
  const [jwt = ''] = await command.stdout.untilCount(1)
  const answers = await Promise.all([`${url}/metrics`, `${url}/metrics?jwt=${jwt}`].map(async (each) => (await fetch(each)).status))
  server.kill('SIGTERM')
  expect([answers, await command.ended(), await server.ended()]).toEqual([[401, 200], 0, 0])
  expect([...server.stdout.all, ...server.stderr.all].join('\n')).not.toMatch(/eyJ|a secret of/)
})

test('a secret that is too short, empty or without a browser is refused with exit code 2, and never shown', async () => {
  const refused = [
    runTabscope(['serve', ...quiet], { TABSCOPE_TOKEN_SECRET: 'hunter2' }),
    runTabscope(['serve', ...quiet, '--token-secret', ' ']),
    runTabscope(['token'], { TABSCOPE_TOKEN_SECRET: secret }),
    runTabscope(['token', '--browser-id', 'b-1', '--hours', 'x'], { TABSCOPE_TOKEN_SECRET: secret }),
  ]
  const codes = await Promise.all(refused.map((command) => command.ended()))
  const said = refused.flatMap(({ stdout, stderr }) => [...stdout.all, ...stderr.all]).join('\n')
  expect([codes, /hunter2|a secret of/.test(said)]).toEqual([[2, 2, 2, 2], false])
})
