// What every `browsers` sub-command works with.
import type { Tabscope } from '@tabscope/sdk'
import type { Command } from 'commander'
import { clientOf } from './client-options.ts'
import { listenForInterrupt } from './interrupt.ts'
import { createOutput, type Output } from './output.ts'
import { formatOf, type OutputFormat } from './output-format.ts'

export interface Work {
  readonly client: Tabscope
  readonly output: Output
  readonly format: OutputFormat
  /** Aborts on Ctrl-C, and when nobody reads the output any more. */
  readonly signal: AbortSignal
}

/** Runs a sub-command's work with what it needs; Ctrl-C ends it with the exit code of an interruption. */
export async function runWork(command: Command, work: (tools: Work) => Promise<void>): Promise<void> {
  const client = clientOf(command)
  using interrupt = listenForInterrupt()
  const output = createOutput(process.stdout)
  const signal = AbortSignal.any([interrupt.signal, output.gone])
  await work({ client, output, format: formatOf(command), signal })
}
