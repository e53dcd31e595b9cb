// Who may come in, on the command line and in the environment: tokens, the browser's id, further hosts and origins.
// A secret on the command line can be read in the process list; the help says so, and nothing here ever prints one.
import { readFileSync } from 'node:fs'
import { type CurlPolicy, curlPolicies, parseTokenSecrets, type ServeOptions } from '@tabscope/server'
import { type Command, InvalidArgumentError, Option } from 'commander'
import { parseList } from './option-values.ts'

export interface AccessFlags {
  readonly tokenSecret?: readonly string[]
  readonly tokenSecretFile?: readonly string[]
  readonly browserId?: string
  readonly basePath?: string
  readonly allowHost?: readonly string[]
  readonly allowOrigin?: readonly string[]
  readonly curl?: CurlPolicy
}

/** Adds the options. */
export function addAccessOptions(command: Command): Command {
  return command
    .addOption(
      new Option('--token-secret <secret>', 'ask for tokens; better by environment or file, where the process list does not show it')
        .env('TABSCOPE_TOKEN_SECRET')
        .argParser((text, before: readonly string[] = []) => [...before, ...parseTokenSecrets(text)]),
    )
    .addOption(
      new Option('--token-secret-file <path>', 'a file of secrets, one a line: the newest first, older ones are accepted')
        .env('TABSCOPE_TOKEN_SECRET_FILE')
        .argParser(readSecrets),
    )
    .addOption(new Option('--browser-id <id>', 'which browser this is: routes are below /browser/<id> too').env('TABSCOPE_BROWSER_ID'))
    .addOption(new Option('--base-path <path>', 'where the routes are, beside the root').env('TABSCOPE_BASE_PATH'))
    .addOption(
      new Option('--allow-host <name>', 'a further name of this machine in Host; may be given again')
        .env('TABSCOPE_ALLOW_HOST')
        .argParser(parseList),
    )
    .addOption(
      new Option('--allow-origin <origin>', 'an origin whose pages may read answers; may be given again')
        .env('TABSCOPE_ALLOW_ORIGIN')
        .argParser(parseList),
    )
    .addOption(
      new Option(
        '--curl <addresses>',
        'what /curl may ask for: `public` addresses, `any` but this server itself, `off`; with tokens `public`, else `any`',
      )
        .env('TABSCOPE_CURL')
        .choices(curlPolicies),
    )
}

/** What the given options mean. */
export function readAccessOptions(flags: AccessFlags): Partial<ServeOptions> {
  const secrets = [...(flags.tokenSecretFile ?? []), ...(flags.tokenSecret ?? [])]
  const isAsked = flags.tokenSecretFile !== undefined || flags.tokenSecret !== undefined
  return {
    // An empty file or variable is a mistake, not a server without tokens.
    ...(isAsked ? { tokenSecrets: secrets.length === 0 ? [''] : secrets } : {}),
    ...(flags.browserId === undefined ? {} : { browserId: flags.browserId }),
    ...(flags.basePath === undefined ? {} : { basePath: flags.basePath }),
    ...(flags.allowHost === undefined ? {} : { allowedHosts: flags.allowHost }),
    ...(flags.allowOrigin === undefined ? {} : { corsOrigins: flags.allowOrigin }),
    ...(flags.curl === undefined ? {} : { curl: flags.curl }),
  }
}

function readSecrets(path: string): readonly string[] {
  try {
    return parseTokenSecrets(readFileSync(path, 'utf8'))
  } catch (error) {
    throw new InvalidArgumentError(`It cannot be read (${error instanceof Error && 'code' in error ? error.code : error}).`)
  }
}
