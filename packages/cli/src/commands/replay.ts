// `tabscope replay`: what was recorded happens again: on standard output, in a file, or as a stream that any reader can follow.
// Standard output holds events only; gaps and news go to standard error.

import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import { foregroundClock, TelemetryError } from '@tabscope/schema'
import { createLogger, serveReplay } from '@tabscope/server'
import { type Command, InvalidArgumentError, Option } from 'commander'
import { addOutputOption, createEventPrinter, type OutputForm, usualForm } from '../event-printer.ts'
import { addFilterOptions, type FilterFlags, filterOf } from '../filter-options.ts'
import { listenForInterrupt, runUntilInterrupted, untilAborted } from '../interrupt.ts'
import { createNotes } from '../notes.ts'
import { parsePort, parseSeq } from '../option-values.ts'
import { createOutput, type Output } from '../output.ts'
import { createPace } from '../pace.ts'
import { openFolder, parseEnvelope } from '../past-events.ts'
import { openFolderReplay, openS2Replay, type Reading, type Replay, recordsOfFolder, recordsOfS2, s2SettingsFor } from '../replay-source.ts'

interface Flags extends FilterFlags {
  readonly data: string
  readonly s2?: string
  readonly after?: number
  readonly speed?: number
  readonly to?: string
  readonly serve?: number
  readonly output?: OutputForm
}

const examples = `
Examples:
  tabscope replay --data .tabscope                       every event, as JSON lines in a pipe
  tabscope replay --data .tabscope --speed 1 -o lines    as it happened, at the pace in which it happened
  tabscope replay --data .tabscope --to events.jsonl     into a file that is not there yet
  tabscope replay --s2 browser/b-1 --type console_error  what an S2 stream holds
  tabscope replay --data .tabscope --serve 10002         as a stream: tabscope tail 127.0.0.1:10002 --replay all
  tabscope replay --s2 browser/b-1 --serve 10002         the same of an S2 stream`

export function addReplayCommand(program: Command): void {
  const command = program
    .command('replay')
    .description('let recorded events happen again, in order: on standard output, in a file, or as a stream')
    .addOption(new Option('--data <folder>', 'the data folder; one that is in use may be read too').default('.tabscope'))
    .addOption(new Option('--s2 <stream>', 'this S2 stream instead; S2_ACCESS_TOKEN and S2_BASIN say whose').conflicts('data'))
  addOutputOption(addFilterOptions(command))
    .addOption(new Option('--after <seq>', 'begin behind this event').argParser(parseSeq))
    .addOption(new Option('--speed <factor>', '1 = the real pace, 10 = ten times as fast; else as fast as possible').argParser(parseSpeed))
    .addOption(new Option('--to <file>', 'write JSON lines into this file, which must not be there yet'))
    .addOption(
      new Option('--serve <port>', 'offer them as a stream on this port (0 = any) until Ctrl-C; readers filter and resume')
        .argParser(parsePort)
        .conflicts(['to', 'output', 'category', 'type', 'sourceKind', 'target', 'detail', 'after']),
    )
    .addHelpText('after', examples)
  command.action(async () => runReplay(command.opts<Flags>()))
}

/** A factor above 0. */
export function parseSpeed(text: string): number {
  const speed = /^[0-9]{1,6}(\.[0-9]{1,3})?$/.test(text) ? Number(text) : 0
  if (speed > 0) return speed
  throw new InvalidArgumentError('Give a factor above 0, such as 1 or 0.5 or 10.')
}

async function runReplay(flags: Flags): Promise<void> {
  using interrupt = listenForInterrupt()
  const note = createNotes(process.stderr)
  if (flags.serve !== undefined) return await runUntilInterrupted(interrupt, () => serveRecorded(flags, note, interrupt.signal))
  if (flags.to === undefined) {
    const output = createOutput(process.stdout)
    await printAll(flags, {
      output,
      form: flags.output ?? usualForm(),
      note,
      signal: AbortSignal.any([interrupt.signal, output.gone]),
    })
    return
  }
  const file = await openNewFile(flags.to)
  const output = createOutput(file)
  try {
    await printAll(flags, {
      output,
      form: flags.output ?? 'ndjson',
      note,
      signal: AbortSignal.any([interrupt.signal, output.gone]),
    })
  } finally {
    file.end()
    await once(file, 'close')
  }
}

async function openNewFile(path: string) {
  const file = createWriteStream(path, { flags: 'wx', mode: 0o600 })
  try {
    await once(file, 'open')
    return file
  } catch (error) {
    throw new TelemetryError(
      'file_not_writable',
      { path, reason: error instanceof Error ? error.message : String(error) },
      { cause: error },
    )
  }
}

interface Printing {
  readonly output: Output
  readonly form: OutputForm
  readonly note: (text: string) => void
  readonly signal: AbortSignal
}

async function printAll(flags: Flags, { output, form, note, signal }: Printing): Promise<void> {
  const pace = createPace(foregroundClock, flags.speed)
  const reading: Reading = { afterSeq: flags.after, filter: filterOf(flags), note, signal }
  const records =
    flags.s2 === undefined ? recordsOfFolder(await openFolder(flags.data, note), reading) : recordsOfS2(s2SettingsFor(flags.s2), reading)
  const printer = createEventPrinter(output, form)
  for await (const record of records) {
    await pace.until(record.tsUs, signal)
    await printer.print(parseEnvelope(record.bytes))
  }
  await printer.end()
}

async function serveRecorded(
  { data, s2, serve: port = 0, speed }: Flags,
  note: (text: string) => void,
  signal: AbortSignal,
): Promise<void> {
  const output = createOutput(process.stdout)
  await using replay = s2 === undefined ? await openFolderReplay(data, note) : await openS2Replay(s2SettingsFor(s2), signal)
  const { log } = replay
  await using server = await serveReplay({ log, port, clock: foregroundClock, logger: createLogger('warn') })
  await output.line(`Stream    ${server.url}/telemetry/stream   (curl -N, EventSource, or: npx tabscope tail ${server.url} --replay all)`)
  if (speed === undefined) log.showTo(log.lastSeq)
  else await showAtPace(replay, speed, signal)
  note(`everything has happened: ${log.seq} is the last event; Ctrl-C ends the server`)
  await untilAborted(signal)
}

async function showAtPace({ log, records }: Replay, speed: number, signal: AbortSignal): Promise<void> {
  const pace = createPace(foregroundClock, speed)
  for await (const record of records({ afterSeq: undefined, note: () => undefined, signal })) {
    if (record.seq > log.lastSeq) return
    await pace.until(record.tsUs, signal)
    log.showTo(record.seq)
  }
}
