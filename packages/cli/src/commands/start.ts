// `tabscope start`, behind `npm start`: a server, a headless Chromium with a page in which something happens every second, and one
// line for each event. For a first look; programs use `serve`.
import { followStream } from '@tabscope/sdk'
import { createLogger, serve } from '@tabscope/server'
import type { Command } from 'commander'
import pico from 'picocolors'
import { startDemoSite } from '../demo-site.ts'
import { eventLine } from '../event-line.ts'
import { listenForInterrupt } from '../interrupt.ts'
import { createOutput } from '../output.ts'
import { describePlaces } from '../places.ts'
import { lineWidth } from '../screen.ts'
import { addServeOptions, readServeOptions } from '../serve-options.ts'

export function addStartCommand(program: Command): void {
  const command = program.command('start').description('a first look: `serve` with a demo page, and one line per event')
  addServeOptions(command)
  command.action(async () => runStart(command))
}

async function runStart(command: Command): Promise<void> {
  using interrupt = listenForInterrupt()
  const output = createOutput(process.stdout)
  await using demo = await startDemoSite()
  const options = readServeOptions(command)
  await using server = await serve({ ...options, openUrls: options.openUrls ?? [demo.url], logger: createLogger('warn') })
  const lines = [
    `tabscope is running. Ctrl-C ends it.`,
    '',
    ...describePlaces(server.url),
    `Demo      ${demo.url}`,
    `Events    ${options.dataDirectory ?? 'in memory only'}`,
    '',
  ]
  for (const line of lines) await output.line(line)
  const signal = AbortSignal.any([interrupt.signal, output.gone])
  const events = followStream({ url: `${server.url}/telemetry/stream`, lastEventId: server.log.seq, replay: 'all', signal })
  try {
    for await (const envelope of events) await output.line(eventLine(envelope, { colors: pico, width: lineWidth() }))
  } catch (error) {
    // Ctrl-C is how this command is meant to end; anything else is told.
    if (!interrupt.signal.aborted) throw error
  }
}
