import { expect, test } from 'vitest'
import { runCommand } from './command.ts'

test('a command that ends together with another one is over when it is disposed of', async () => {
  // With its pipes closed nothing is left to wait for when it ends.
  const start = (): ReturnType<typeof runCommand> => runCommand('sh', ['-c', 'echo ready; exec >&- 2>&-; exec sleep 60'])
  const [first, second] = [start(), start()]
  for (const command of [first, second]) await command.stdout.until(/ready/)
  for (let turn = 0; turn < 1_000; turn++) await new Promise((resolve) => setImmediate(resolve))
  for (const command of [first, second]) process.kill(-command.pid, 'SIGKILL')
  // Both are gone before this process looks again.
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 50)
  expect(await first.ended()).toBe('SIGKILL')
  await second[Symbol.asyncDispose]()
  expect(await second.ended()).toBe('SIGKILL')
})
