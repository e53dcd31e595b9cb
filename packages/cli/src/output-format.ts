// How results are shown: as a table for people, as one JSON value, or as one JSON value a line for programs.
import { type Command, Option } from 'commander'

export const outputFormats = ['table', 'json', 'ndjson'] as const
export type OutputFormat = (typeof outputFormats)[number]

/** Adds `-o`. */
export function addOutputOption(command: Command): Command {
  return command.addOption(
    new Option('-o, --output <format>', 'table, json, or ndjson (a line each); a terminal gets a table, a pipe ndjson').choices(
      outputFormats,
    ),
  )
}

/** The format that was asked for, or the one that suits whoever reads. */
export function formatOf(command: Command): OutputFormat {
  const { output } = command.opts<{ output?: OutputFormat }>()
  return output ?? (process.stdout.isTTY ? 'table' : 'ndjson')
}
