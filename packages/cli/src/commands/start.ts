// `tabscope start`, behind `npm start`: a server, a headless Chromium with a page in which something happens every second, and one
// line for each event. For a first look; programs use `serve`.
import { followStream } from '@tabscope/sdk'
import { createLogger, issueToken, type RunningServer, type ServeOptions, serve } from '@tabscope/server'
import type { Command } from 'commander'
import pico from 'picocolors'
import { startDemoSite } from '../demo-site.ts'
import { eventLine } from '../event-line.ts'
import { listenForInterrupt, runUntilInterrupted } from '../interrupt.ts'
import { createOutput, type Output } from '../output.ts'
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
  const options = readServeOptions(command)
  await using demo = await startDemoSite()
  await using server = await serve({ ...options, openUrls: options.openUrls ?? [demo.url], logger: createLogger('warn') })
  await runUntilInterrupted(interrupt, async () => {
    const places = await describePlaces(server, options.browser, interrupt.signal)
    const data = options.dataDirectory ?? 'in memory only'
    const head = ['tabscope is running. Ctrl-C ends it.', '', ...places, `Demo      ${demo.url}`, `Events    ${data}`, '']
    for (const line of head) await output.line(line)
    await printEvents(server, { options, output, signal: AbortSignal.any([interrupt.signal, output.gone]) })
  })
}

/** Prints this run's events, from its first one on, until aborted. */
async function printEvents(
  server: RunningServer,
  { options, output, signal }: { options: ServeOptions; output: Output; signal: AbortSignal },
): Promise<void> {
  const from = server.startSeq > 0 ? { lastEventId: server.startSeq } : { replay: 'all' as const }
  const query = options.tokenSecrets === undefined ? '' : `?jwt=${await issueToken(options)}`
  const events = followStream({ url: `${server.url}/telemetry/stream${query}`, ...from, signal })
  for await (const envelope of events) await output.line(eventLine(envelope, { colors: pico, width: lineWidth() }))
}
