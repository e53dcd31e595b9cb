// `tabscope events`: looks back. Asks a server, which knows its disk and what lies beyond, or reads a data folder by itself, also while
// a server writes there. Standard output holds events only; what else there is to say goes to standard error.
import { systemClock } from '@tabscope/schema'
import { type Command, Option } from 'commander'
import { addOutputOption, createEventPrinter, type OutputForm, usualForm } from '../event-printer.ts'
import { addFilterOptions, type FilterFlags } from '../filter-options.ts'
import { listenForInterrupt } from '../interrupt.ts'
import { createNotes } from '../notes.ts'
import { parseLimit, parseSeq, parseStreamAddress, parseTime } from '../option-values.ts'
import { createOutput } from '../output.ts'
import { openFolder, type PastPage, type PastRequest, pagesOfFolder, pagesOfServer } from '../past-events.ts'

interface Flags extends FilterFlags {
  readonly data?: string
  readonly since?: number
  readonly until?: number
  readonly order: 'asc' | 'desc'
  readonly limit: number
  readonly all?: boolean
  readonly offset?: number
  readonly output?: OutputForm
}

const examples = `
Examples:
  tabscope events --since 5m                            what the server on this machine kept of the last five minutes
  tabscope events --order desc --limit 1 -o json        the newest event
  tabscope events --all --type console_error | jq .     every error there is
  tabscope events --data .tabscope --all                the same folder without its server, or beside it`

export function addEventsCommand(program: Command): void {
  const command = program
    .command('events')
    .description('look back: events of the past from a server, or from a data folder')
    .argument('[url]', 'address of the server (env: TABSCOPE_URL; else http://127.0.0.1:10001)', parseStreamAddress)
    .addOption(new Option('--data <folder>', 'read this data folder instead of asking a server; one that is in use may be read too'))
  addOutputOption(addFilterOptions(command))
    .addOption(new Option('--since <time>', 'from this time on: RFC 3339, or how long ago (5m)').argParser(readTime))
    .addOption(new Option('--until <time>', 'before this time').argParser(readTime))
    .addOption(new Option('--order <order>', 'oldest or newest first').choices(['asc', 'desc']).default('asc'))
    .addOption(new Option('--limit <count>', 'at most so many events').argParser(parseLimit).default(100))
    .addOption(new Option('--all', 'all of them').conflicts('limit'))
    .addOption(new Option('--offset <offset>', 'go on where another call ended; it said the number').argParser(parseSeq))
    .addHelpText('after', examples)
  command.action(async (url: URL | undefined) => runEvents(command, url))
}

function readTime(text: string): number {
  return parseTime(text, systemClock.wallUs())
}

async function runEvents(command: Command, url: URL | undefined): Promise<void> {
  const flags = command.opts<Flags>()
  if (url !== undefined && flags.data !== undefined)
    command.error('error: give the address of a server or --data, not both', { exitCode: 2 })
  using interrupt = listenForInterrupt()
  const output = createOutput(process.stdout)
  const note = createNotes(process.stderr)
  const signal = AbortSignal.any([interrupt.signal, output.gone])
  const request: PastRequest = {
    filters: flags,
    order: flags.order,
    offset: flags.offset,
    sinceUs: flags.since,
    untilUs: flags.until,
    limit: flags.all === true ? undefined : flags.limit,
  }
  const pages =
    flags.data === undefined
      ? pagesOfServer(eventsAddress(url), request, signal)
      : pagesOfFolder(await openFolder(flags.data, note), request, signal)
  const printer = createEventPrinter(output, flags.output ?? usualForm())
  let last: PastPage | undefined
  for await (const page of pages) {
    for (const envelope of page.events) await printer.print(envelope)
    last = page
  }
  await printer.end()
  if (last?.nextOffset !== undefined) note(`there are more: --offset ${last.nextOffset} goes on, --all gives everything`)
}

/** Beside the stream of the same server. */
function eventsAddress(stream: URL = parseStreamAddress(process.env['TABSCOPE_URL'] ?? 'http://127.0.0.1:10001')): URL {
  const url = new URL(stream)
  url.pathname = url.pathname.replace(/\/stream$/, '/events')
  return url
}
