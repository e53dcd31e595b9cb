// `tabscope serve`: the server of one browser in the foreground. Says where things are, then only logs.
import { createLogCut, createLogger, serve } from '@tabscope/server'
import type { Command } from 'commander'
import { listenForInterrupt, runUntilInterrupted, untilAborted } from '../interrupt.ts'
import { createOutput } from '../output.ts'
import { describePlaces } from '../places.ts'
import { addServeOptions, readServeOptions } from '../serve-options.ts'

const examples = `
Examples:
  tabscope serve                                       launch a headless Chromium and capture everything
  tabscope serve --open https://example.com/           the same, with a page
  tabscope serve --browser http://127.0.0.1:9222       capture a Chromium that runs already
  tabscope serve --telemetry console,network --port 0  two categories, on any free port
  tabscope serve --data /var/lib/tabscope              keep the events in that folder`

export function addServeCommand(program: Command): void {
  const command = program.command('serve').description('capture one browser and offer its events over HTTP')
  addServeOptions(command).addHelpText('after', examples)
  command.action(async () => runServe(command))
}

async function runServe(command: Command): Promise<void> {
  using interrupt = listenForInterrupt()
  const output = createOutput(process.stdout)
  const options = readServeOptions(command)
  const { logLimit } = command.opts<{ readonly logLimit?: number }>()
  const logger = createLogger('info', logLimit === undefined ? undefined : createLogCut({ fd: 2, mostBytes: logLimit }))
  await using server = await serve({ ...options, logger })
  await runUntilInterrupted(interrupt, async () => {
    for (const line of await describePlaces(server, options.browser, interrupt.signal)) await output.line(line)
    // An owned server ends by itself, when its owner is gone or nobody used it.
    await Promise.race([untilAborted(interrupt.signal), server.finished])
  })
}
