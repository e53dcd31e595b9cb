// The options that say where events are kept, how much of them, and for how long.
import { parseDurationUs } from '@tabscope/schema'
import type { ServeOptions } from '@tabscope/server'
import { type Command, InvalidArgumentError, Option } from 'commander'

export interface StorageFlags {
  readonly data: string
  readonly space?: number
  readonly keep?: number
  readonly categoryFiles?: string
}

const leastSpaceBytes = 1_000_000
const leastKeepMs = 60_000
const units: Readonly<Record<string, number>> = {
  '': 1,
  k: 1e3,
  m: 1e6,
  g: 1e9,
  t: 1e12,
  ki: 2 ** 10,
  mi: 2 ** 20,
  gi: 2 ** 30,
  ti: 2 ** 40,
}

/** A size such as `500MB` or `2GiB` in bytes. */
export function parseSpace(text: string): number {
  const [, amount, unit = ''] = /^([0-9]{1,9}(?:\.[0-9]{1,3})?) ?([kmgt]i?)?b?$/i.exec(text.trim()) ?? []
  const bytes = Math.round(Number(amount) * (units[unit.toLowerCase()] ?? Number.NaN))
  if (bytes >= leastSpaceBytes && Number.isSafeInteger(bytes)) return bytes
  throw new InvalidArgumentError('Give a size of 1MB or more, such as 500MB or 2GiB.')
}

/** A time such as `12h` or `7d` in milliseconds. */
export function parseKeep(text: string): number {
  const keepMs = (parseDurationUs(text.trim()) ?? Number.NaN) / 1000
  if (keepMs >= leastKeepMs) return Math.round(keepMs)
  throw new InvalidArgumentError('Give a time of 1m or more, such as 12h or 7d.')
}

export function addStorageOptions(command: Command): Command {
  return command
    .addOption(new Option('--data <folder>', 'where events are kept; `none` = in memory only').env('TABSCOPE_DATA').default('.tabscope'))
    .addOption(
      new Option('--space <size>', 'disk space that events may take; above it the oldest go. Else 1GiB')
        .env('TABSCOPE_SPACE')
        .argParser(parseSpace),
    )
    .addOption(new Option('--keep <time>', 'how long events are kept; else 7d').env('TABSCOPE_KEEP').argParser(parseKeep))
    .addOption(
      new Option('--category-files <folder>', 'also write one file for each category there: console.jsonl, …').env(
        'TABSCOPE_CATEGORY_FILES',
      ),
    )
}

export function readStorageOptions({
  data,
  space,
  keep,
  categoryFiles,
}: StorageFlags): Pick<ServeOptions, 'dataDirectory' | 'logLimits' | 'categoryFiles'> {
  const logLimits = { ...(space === undefined ? {} : { retentionBytes: space }), ...(keep === undefined ? {} : { retentionMs: keep }) }
  return { ...(data === 'none' ? {} : { dataDirectory: data }), ...(categoryFiles === undefined ? {} : { categoryFiles }), logLimits }
}
