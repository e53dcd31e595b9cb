// Whether events go to an OpenTelemetry collector from the start. Which one is said by the variables of OpenTelemetry itself.
import { TelemetryError } from '@tabscope/schema'
import type { ServeOptions } from '@tabscope/server'
import { otlpConfigFrom, readOtlpVariables } from '@tabscope/sinks'
import { type Command, Option } from 'commander'
import { parseYes } from './option-values.ts'

export interface OtlpFlags {
  readonly otlp: boolean
}

export function addOtlpOption(command: Command): Command {
  return command.addOption(
    new Option('--otlp [yes-or-no]', 'export events as OTLP logs to OTEL_EXPORTER_OTLP_ENDPOINT')
      .env('TABSCOPE_OTLP')
      .argParser(parseYes)
      .preset('yes')
      .default(false),
  )
}

/** Who asks for the export is told at once why it cannot be. Throws `otlp_bad_config`. */
export function readOtlpOption({ otlp }: OtlpFlags): Pick<ServeOptions, 'otlp' | 'exportsOtlp'> {
  if (otlp && otlpConfigFrom(process.env) === undefined)
    throw new TelemetryError('otlp_bad_config', { variable: 'OTEL_EXPORTER_OTLP_ENDPOINT', problem: 'is not set, but --otlp needs it' })
  return { otlp: readOtlpVariables(process.env), exportsOtlp: otlp }
}
