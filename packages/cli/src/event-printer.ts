// Prints events in the form that was asked for: lines for people, one envelope of JSON a line, or one JSON array.
import type { Envelope } from '@tabscope/sdk'
import { type Command, Option } from 'commander'
import pico from 'picocolors'
import { eventLine } from './event-line.ts'
import type { Output } from './output.ts'
import { lineWidth } from './screen.ts'
import { safeJson } from './terminal-text.ts'

const forms = ['lines', 'ndjson', 'json'] as const
export type OutputForm = (typeof forms)[number]

export interface EventPrinter {
  print(envelope: Envelope): Promise<void>
  /** What the form needs at its end. */
  end(): Promise<void>
}

/** Adds `-o`. Who asks for nothing gets lines on a terminal and NDJSON everywhere else. */
export function addOutputOption(command: Command): Command {
  return command.addOption(
    new Option(
      '-o, --output <form>',
      '`lines` for people, `ndjson`, or `json`: one array. Else lines on a terminal, ndjson in a pipe',
    ).choices(forms),
  )
}

export function usualForm(): OutputForm {
  return process.stdout.isTTY === true ? 'lines' : 'ndjson'
}

export function createEventPrinter(output: Output, form: OutputForm): EventPrinter {
  if (form === 'json') return arrayPrinter(output)
  const line = form === 'ndjson' ? safeJson : (envelope: Envelope) => eventLine(envelope, { colors: pico, width: lineWidth() })
  return { print: (envelope) => output.line(line(envelope)), end: async () => undefined }
}

/** One event a line inside the brackets. A comma is written with the event after it, because the last has none. */
function arrayPrinter(output: Output): EventPrinter {
  let opening = '['
  return {
    print: async (envelope) => {
      await output.line(`${opening}${safeJson(envelope)}`)
      opening = ','
    },
    end: () => output.line(opening === '[' ? '[]' : ']'),
  }
}
