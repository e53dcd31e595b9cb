// `tabscope browsers telemetry …`: the events of one browser, live and of the past.

import type { Category } from '@tabscope/schema'
import type { Envelope } from '@tabscope/sdk'
import { type Command, Option } from 'commander'
import pico from 'picocolors'
import { eventTable } from '../browser-view.ts'
import { describeGap, describeLoss } from '../connection-news.ts'
import { eventLine } from '../event-line.ts'
import { parseCategories, parseList, parseSeq, parseWhole } from '../option-values.ts'
import { createOutput } from '../output.ts'
import { addOutputOption } from '../output-format.ts'
import { lineWidth } from '../screen.ts'
import { safeJson, safeText } from '../terminal-text.ts'
import { runWork, type Work } from '../work.ts'

interface FilterFlags {
  readonly categories?: readonly Category[]
  readonly types?: readonly string[]
}

interface StreamFlags extends FilterFlags {
  readonly seq?: number
  readonly replay?: 'all'
  /** False for `--no-reconnect`. */
  readonly reconnect: boolean
}

interface EventsFlags extends FilterFlags {
  readonly limit: number
  readonly offset?: number
  readonly order: 'asc' | 'desc'
  readonly since?: string
  readonly until?: string
  readonly all?: boolean
}

const streamExamples = `
Examples:
  tabscope browsers telemetry stream shop --categories console,network
  tabscope browsers telemetry stream shop --replay all -o json | jq -c .event.data
  tabscope browsers telemetry stream shop --seq 41      go on behind event 41`

const eventsExamples = `
Examples:
  tabscope browsers telemetry events shop --since 1h --types console_error
  tabscope browsers telemetry events shop --order desc --limit 5
  tabscope browsers telemetry events shop --all -o ndjson > events.ndjson`

export function addTelemetryCommands(browsers: Command): void {
  const telemetry = browsers.command('telemetry').description('the events of one browser')
  telemetry.configureHelp({ showGlobalOptions: true })
  addStreamCommand(telemetry)
  addEventsCommand(telemetry)
}

function addFilterOptions(command: Command): Command {
  return addOutputOption(command)
    .addOption(new Option('--categories <names>', 'only these categories').argParser(parseCategories))
    .addOption(new Option('--types <names>', 'only these types').argParser(parseList))
}

function addStreamCommand(telemetry: Command): void {
  const command = telemetry
    .command('stream')
    .description('follow what happens, until the browser ends; reconnects by itself and resumes behind the last event')
    .argument('<id-or-name>')
  addFilterOptions(command)
    .addOption(new Option('--seq <number>', 'begin behind this event').argParser(parseSeq).conflicts('replay'))
    .addOption(new Option('--replay <what>', 'begin with the oldest event that is kept').choices(['all']))
    .option('--no-reconnect', 'end when the connection ends')
    .addHelpText('after', streamExamples)
    .action((idOrName: string) => runWork(command, (work) => followBrowser(work, idOrName, command.opts<StreamFlags>())))
}

async function followBrowser({ client, output, format, signal }: Work, idOrName: string, flags: StreamFlags): Promise<void> {
  const notes = createOutput(process.stderr)
  // A note that nobody can read any more is no reason to stop.
  const note = (text: string): void => void notes.line(safeText(`tabscope: ${text}`)).catch(() => {})
  // A browser that has ended fails here and not by silence, and the answer tells the direct route.
  const { session_id: id } = await client.browsers.retrieve(idOrName, {}, { signal })
  const events = client.browsers.telemetry.stream(id, {
    category: flags.categories,
    type: flags.types,
    lastEventId: flags.seq,
    replay: flags.replay,
    reconnect: flags.reconnect,
    signal,
    onGap: (gap) => note(describeGap(gap)),
    onConnection: (change) => {
      if (change.at === 'lost') note(describeLoss(change))
    },
  })
  const print = format === 'table' ? (envelope: Envelope) => eventLine(envelope, { colors: pico, width: lineWidth() }) : safeJson
  for await (const envelope of events) await output.line(print(envelope))
}

function addEventsCommand(telemetry: Command): void {
  const command = telemetry
    .command('events')
    .description('read what has happened, page by page; also of a browser that has ended')
    .argument('<id-or-name>')
  addFilterOptions(command)
    .option('--limit <count>', 'events of one page (1 to 100)', parseWhole(1, 100), 20)
    .option('--offset <number>', 'where the page begins: the number that the page before named', parseWhole(1, Number.MAX_SAFE_INTEGER))
    .addOption(new Option('--order <order>', 'oldest or newest first').choices(['asc', 'desc']).default('asc'))
    .option('--since <time>', 'from then on: RFC 3339, or how long ago, such as 5m (the default)')
    .option('--until <time>', 'before then; the same forms')
    .option('--all', 'all pages')
    .addHelpText('after', eventsExamples)
    .action((idOrName: string) => {
      const flags = command.opts<EventsFlags>()
      if (flags.order === 'desc' && flags.since !== undefined) {
        command.error(
          "error: '--order desc' reads backwards from the newest event, so it has no '--since'. Use '--until' for where to begin.",
        )
      }
      return runWork(command, (work) => showEvents(work, idOrName, flags))
    })
}

async function showEvents({ client, output, format, signal }: Work, idOrName: string, flags: EventsFlags): Promise<void> {
  const { limit, offset, order, since, until, categories: category, types: type } = flags
  const found: Envelope[] = []
  let count = 0
  let page = await client.browsers.telemetry.events(idOrName, { limit, offset, order, since, until, category, type }, { signal })
  for (;;) {
    count += page.items.length
    if (format === 'ndjson') for (const envelope of page.items) await output.line(safeJson(envelope))
    else if (format === 'json') found.push(...page.items)
    else if (page.items.length > 0) await output.line(eventTable(page.items, lineWidth()))
    const next = flags.all === true ? await page.next() : undefined
    if (next === undefined) break
    page = next
  }
  if (format === 'json')
    await output.line(safeJson({ events: found, ...(page.nextOffset === undefined ? {} : { next_offset: page.nextOffset }) }))
  if (format !== 'table') return
  if (count === 0) await output.line('No telemetry events found.')
  if (page.nextOffset !== undefined) await output.line(`There are more: --offset ${page.nextOffset}, or --all.`)
}
