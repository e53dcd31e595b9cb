// `tabscope token`: makes a token for a server that was started with a secret, for those who run one without a control plane.
import { issueToken } from '@tabscope/server'
import { type Command, Option } from 'commander'
import { type AccessFlags, addAccessOptions, readAccessOptions } from '../access-options.ts'
import { parseHours } from '../option-values.ts'
import { createOutput } from '../output.ts'

const examples = `
Examples:
  TABSCOPE_TOKEN_SECRET_FILE=secret.txt tabscope token --browser-id b-1               a token that is good as long as the server is there
  TABSCOPE_TOKEN_SECRET_FILE=secret.txt tabscope token --browser-id b-1 --hours 8     one that ends`

export function addTokenCommand(program: Command): void {
  const command = program.command('token').description('make a token for a server with a token secret')
  addAccessOptions(command)
    .addOption(new Option('--hours <number>', 'how long it is good; without: as long as the secret').argParser(parseHours))
    .addHelpText('after', examples)
  command.action(async () => {
    const flags = command.opts<AccessFlags & { hours?: number }>()
    const { tokenSecrets = [], browserId } = readAccessOptions(flags)
    const token = await issueToken({ tokenSecrets, browserId, lifetimeMs: flags.hours === undefined ? undefined : flags.hours * 3_600_000 })
    await createOutput(process.stdout).line(token)
  })
}
