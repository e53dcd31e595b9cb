// Runs one scenario of the published Python client (published_client.py) and answers what it saw.
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { pythonMissing, pythonPath } from '../../../../tools/setup-python.mjs'
import { runCommand } from './command.ts'
import { apiKey, type TestControl } from './control.ts'

/** Why its tests are skipped here; undefined when they are not. */
export const noPython: string | undefined = existsSync(pythonPath()) ? undefined : pythonMissing

const script = fileURLToPath(new URL('published_client.py', import.meta.url))

/** What the client sent, one after the other. */
export interface Sent {
  readonly method: string
  readonly path: string
  readonly query: readonly string[]
  readonly has_key: boolean
}

/** Runs the scenario with the client's models strict or lenient. Rejects with what Python said when it failed. */
export async function runPython(
  control: Pick<TestControl, 'url'>,
  scenario: string,
  env: NodeJS.ProcessEnv = {},
): Promise<Record<string, unknown> & { readonly sent: readonly Sent[] }> {
  await using run = runCommand(pythonPath(), [script, scenario, control.url, apiKey], env)
  const code = await run.ended()
  if (code !== 0) throw new Error(`the Python client ended with ${code}: ${run.stderr.all.slice(-8).join('\n')}`)
  return JSON.parse(run.stdout.all.join('\n'))
}
