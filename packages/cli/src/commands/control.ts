// `tabscope control`: many browsers in the foreground, each with a `tabscope serve` of its own. Says where it is, then only logs.
import { type RunningControl, startControl } from '@tabscope/control'
import { createLogger } from '@tabscope/server'
import type { Command } from 'commander'
import { addControlOptions, readControlOptions } from '../control-options.ts'
import { listenForInterrupt, runUntilInterrupted, untilAborted } from '../interrupt.ts'
import { createOutput } from '../output.ts'

const examples = `
Examples:
  tabscope control                                     many browsers; the API key is shown at the first start
  TABSCOPE_API_KEY=… tabscope control --port 9000      with a key of your own
  tabscope control --keys revoke                       take all tokens back; browsers go on`

export function addControlCommand(program: Command): void {
  const command = program.command('control').description('start and end many browsers over HTTP, each with its own server')
  addControlOptions(command).addHelpText('after', examples)
  command.action(async () => runControl(command))
}

async function runControl(command: Command): Promise<void> {
  using interrupt = listenForInterrupt()
  const output = createOutput(process.stdout)
  const [, file = ''] = process.argv
  // The servers of browsers are this very program.
  const program = { command: process.execPath, args: [...process.execArgv, file] }
  await using control = await startControl({ ...readControlOptions(command), program, logger: createLogger('info') })
  await runUntilInterrupted(interrupt, async () => {
    for (const line of placesOf(control)) await output.line(line)
    await untilAborted(interrupt.signal)
  })
}

function placesOf({ url, generatedKey }: RunningControl): readonly string[] {
  return [
    `Control   ${url}   (@onkernel/sdk and @tabscope/sdk: baseURL; kernel for Python: base_url)`,
    ...(generatedKey === undefined
      ? []
      : [`API key   ${generatedKey}   (shown this once; KERNEL_API_KEY or TABSCOPE_API_KEY of a client)`]),
    `OpenAPI   ${url}/openapi.json`,
  ]
}
