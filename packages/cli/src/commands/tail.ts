// `tabscope tail`: follows a server's stream, as lines for people or as one envelope a line for programs.
// News about the connection and about gaps goes to standard error, so that standard output holds events only.
import { type Envelope, followStream } from '@tabscope/sdk'
import { type Command, Option } from 'commander'
import pico from 'picocolors'
import { describeGap, describeLoss } from '../connection-news.ts'
import { eventLine } from '../event-line.ts'
import { addFilterOptions } from '../filter-options.ts'
import { listenForInterrupt } from '../interrupt.ts'
import { createNotes } from '../notes.ts'
import { parseList, parseSeq, parseStreamAddress } from '../option-values.ts'
import { createOutput } from '../output.ts'
import { lineWidth } from '../screen.ts'
import { keptScope, liveScope, type TailFlags } from '../tail-scope.ts'
import { safeJson } from '../terminal-text.ts'

interface Flags extends TailFlags {
  readonly json?: boolean
  /** False for `--no-follow`. */
  readonly follow: boolean
  /** False for `--no-reconnect`. */
  readonly reconnect: boolean
}

const examples = `
Examples:
  tabscope tail                                       events of the server on this machine, from now on
  tabscope tail --replay all --json | jq .event.data  everything that is kept, as JSON
  tabscope tail --category console,network            two categories
  tabscope tail --after 41                            go on behind event 41
  tabscope tail --until-type page_load                wait until a page has loaded
  tabscope tail --no-follow --type console_error      errors until now, then end`

export function addTailCommand(program: Command): void {
  const command = program
    .command('tail')
    .description('follow the events of a server; reconnects by itself and resumes behind the last event')
    .argument('[url]', 'address of the server (env: TABSCOPE_URL; else http://127.0.0.1:10001)', parseStreamAddress)
    .option('--json', 'one envelope of JSON a line instead of lines for people')
  addFilterOptions(command)
    .addOption(new Option('--after <seq>', 'begin behind this event').argParser(parseSeq).conflicts('replay'))
    .addOption(new Option('--replay <what>', 'begin with the oldest event that is kept').choices(['all']))
    .addOption(new Option('--until-type <names>', 'end after the first event of one of these types').argParser(parseList))
    .option('--no-follow', 'end with the newest event there is now; begins with the oldest unless --after is given')
    .option('--no-reconnect', 'end when the connection ends')
    .addHelpText('after', examples)
  command.action(async (url: URL | undefined) =>
    runTail(url ?? parseStreamAddress(process.env['TABSCOPE_URL'] ?? 'http://127.0.0.1:10001'), command.opts<Flags>()),
  )
}

async function runTail(url: URL, flags: Flags): Promise<void> {
  using interrupt = listenForInterrupt()
  const output = createOutput(process.stdout)
  const note = createNotes(process.stderr)
  const print = flags.json === true ? safeJson : (envelope: Envelope) => eventLine(envelope, { colors: pico, width: lineWidth() })
  const signal = AbortSignal.any([interrupt.signal, output.gone])
  const scope = flags.follow ? liveScope(flags) : await keptScope(url, flags, signal)
  const events = followStream({
    url,
    ...scope.options,
    reconnect: flags.reconnect,
    signal,
    onGap: (gap) => note(describeGap(gap)),
    onConnection: (change) => {
      if (change.at === 'lost') note(describeLoss(change))
    },
  })
  for await (const envelope of events) {
    if (scope.wants(envelope)) await output.line(print(envelope))
  }
}
