// A `tabscope control` for tests: a process of its own on a free port with a data folder of its own, and the published clients' way to it.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createAnswerCheck } from '@tabscope/http/testing'
import { controlOpenApiDocument } from '@tabscope/schema'
import { type RunningCommand, runTabscope } from './command.ts'

export const apiKey = 'key-of-the-tests'

/** What the answers of the control plane are checked against: its own document. Without a key, and too often, nobody looks at the path. */
export const controlAnswers = createAnswerCheck(controlOpenApiDocument(), { anywhere: [401, 429] })

export interface TestControl extends AsyncDisposable {
  readonly url: string
  readonly folder: string
  readonly command: RunningCommand
  /** A request with the key; the body as JSON. Rejects when the answer is not as the document says. */
  request(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Response>
}

/** Starts one. `folder`: of an earlier one, which is not removed then. */
export async function startTestControl(args: readonly string[] = [], folder?: string, env: NodeJS.ProcessEnv = {}): Promise<TestControl> {
  const own = folder ?? (await mkdtemp(join(tmpdir(), 'tabscope-control-test-')))
  const command = runTabscope(['control', '--port', '0', '--data', own, ...args], { TABSCOPE_API_KEY: apiKey, ...env })
  const line = await command.stdout.until(/^Control/)
  const url = /(http:\/\/\S+)/.exec(line)?.[1] ?? ''
  return {
    url,
    folder: own,
    command,
    request: (method, path, body, headers) =>
      controlAnswers.fetch(`${url}${path}`, {
        method,
        headers: { authorization: `Bearer ${apiKey}`, ...headers },
        ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      }),
    [Symbol.asyncDispose]: async () => {
      command.kill('SIGTERM')
      await command.ended()
      if (folder === undefined) await rm(own, { recursive: true, force: true, maxRetries: 10 })
    },
  }
}
