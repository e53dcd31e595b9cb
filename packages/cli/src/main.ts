// The `tabscope` command: parses the command line, runs one command, and turns its end into an exit code and, if need be, a text.
// Never prints a stack trace for something that the user can mend.

import { systemClock, TelemetryError } from '@tabscope/schema'
import { TabscopeError } from '@tabscope/sdk'
import { Command, CommanderError } from 'commander'
import { addBrowsersCommand } from './commands/browsers.ts'
import { addControlCommand } from './commands/control.ts'
import { addEventsCommand } from './commands/events.ts'
import { addReplayCommand } from './commands/replay.ts'
import { addServeCommand } from './commands/serve.ts'
import { addStartCommand } from './commands/start.ts'
import { addTailCommand } from './commands/tail.ts'
import { addTokenCommand } from './commands/token.ts'
import { describeExitCodes, exitCodeOf, exitCodes } from './exit-code.ts'
import { Interrupted } from './interrupt.ts'
import { OutputClosed } from './output.ts'
import { safeText } from './terminal-text.ts'
import { version } from './version.ts'

/** How long leftovers may take to end after the command did; then the process is ended. */
const lingerMs = 5_000

/** The whole command line. */
function createProgram(): Command {
  const program = new Command('tabscope')
    .description('Typed, numbered, resumable events of everything that happens in a Chromium browser.')
    .version(version)
    .showHelpAfterError('(--help lists what there is)')
    .addHelpText('after', `\n${describeExitCodes()}`)
  addServeCommand(program)
  addControlCommand(program)
  addTailCommand(program)
  addEventsCommand(program)
  addReplayCommand(program)
  addStartCommand(program)
  addTokenCommand(program)
  addBrowsersCommand(program)
  throwInsteadOfExit(program)
  return program
}

/** Commander ends the process on a wrong option, unless told otherwise, on each level. */
function throwInsteadOfExit(command: Command): void {
  command.exitOverride()
  for (const inner of command.commands) throwInsteadOfExit(inner)
}

/** Runs the command line and sets the exit code. Never rejects. */
export async function main(argv: readonly string[]): Promise<void> {
  try {
    await createProgram().parseAsync([...argv])
    process.exitCode = exitCodes.ok.code
  } catch (error) {
    process.exitCode = report(error)
  }
  // Its timer does not keep the process alive: it only fires when something else wrongly does.
  systemClock.schedule(systemClock.monotonicMs() + lingerMs, () => process.exit())
}

/** Says what went wrong, where it is not said yet; answers the exit code. */
function report(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.ok.code : exitCodes.usage.code
  if (error instanceof OutputClosed) return exitCodes.ok.code
  if (error instanceof Interrupted) return error.exitCode
  const isKnown = error instanceof TelemetryError || error instanceof TabscopeError
  // Known errors say everything in their message; of a defect the developer wants the place.
  const text = isKnown ? safeText(error.message) : error instanceof Error ? (error.stack ?? error.message) : String(error)
  process.stderr.write(`tabscope: ${text}\n`)
  return exitCodeOf(error)
}
