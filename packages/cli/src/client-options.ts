// Where the control plane is and what lets us in: options and environment of every `browsers` command.
import { Tabscope } from '@tabscope/sdk'
import { type Command, InvalidArgumentError, Option } from 'commander'

interface Flags {
  readonly baseUrl: string
  readonly apiKey?: string
}

/** Adds `--base-url` and `--api-key`; they may stand before and after the sub-command. */
export function addClientOptions(command: Command): Command {
  return command
    .addOption(
      new Option('--base-url <url>', 'address of the control plane')
        .env('TABSCOPE_BASE_URL')
        .argParser(parseBaseUrl)
        .default('http://127.0.0.1:8400'),
    )
    .addOption(
      new Option('--api-key <key>', 'its API key; better given as TABSCOPE_API_KEY, which no list of processes shows').env(
        'TABSCOPE_API_KEY',
      ),
    )
}

/** The client that the options of the command ask for. Without a key the client says what to do. */
export function clientOf(command: Command): Tabscope {
  const { baseUrl, apiKey } = command.optsWithGlobals<Flags>()
  return new Tabscope({ baseURL: baseUrl, apiKey })
}

function parseBaseUrl(text: string): string {
  if (URL.canParse(text) && /^https?:$/.test(new URL(text).protocol)) return text
  throw new InvalidArgumentError('Give the address of a control plane, such as http://127.0.0.1:8400.')
}
