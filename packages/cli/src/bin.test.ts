import { cp } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { runCommand, runTabscope } from './testing/command.ts'
import { makeFolder } from './testing/folder.ts'

test('the bin file of a clone that was not built yet says how to build it', async () => {
  await using folder = await makeFolder()
  await cp(fileURLToPath(new URL('../bin', import.meta.url)), join(folder.path, 'bin'), { recursive: true })
  // Without a package.json Node does not know that a .js file is a module; its own ending says so.
  await cp(join(folder.path, 'bin', 'tabscope.js'), join(folder.path, 'bin', 'tabscope.mjs'))
  await using command = runCommand(process.execPath, [join(folder.path, 'bin', 'tabscope.mjs')])
  expect(await command.ended()).toBe(1)
  expect(command.stderr.all).toEqual([
    'tabscope is not built yet. In the repository run `npm start` (sets everything up) or `npm run build`.',
  ])
})

test('--version says the version of the package, and --help every exit code', async () => {
  await using version = runTabscope(['--version'])
  expect([await version.ended(), version.stdout.all]).toEqual([0, ['0.1.0']])
  await using help = runTabscope(['--help'])
  expect(await help.ended()).toBe(0)
  const codes = help.stdout.all.slice(help.stdout.all.indexOf('Exit codes:') + 1).map((line) => Number(line.trim().split(' ')[0]))
  expect(codes).toEqual([0, 1, 2, 3, 4, 5, 6, 130])
})

test('without a command it shows the help and says that this was wrong usage', async () => {
  await using command = runTabscope([])
  expect(await command.ended()).toBe(2)
  expect(command.stderr.all[0]).toBe('Usage: tabscope [options] [command]')
})
