// The published clients on streams that stay silent for longer than two keepalives: each must then get the one event that is published, and
// nothing else. Straight to the browser's server and through the control plane; Node, and Python where `npm run setup:python` has made one.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import Kernel from '@onkernel/sdk'
import { pythonPath } from '../tools/setup-python.mjs'
import { type ControlProcess, controlKey, type MeasuredBrowser } from './control-process.ts'

const script = fileURLToPath(new URL('../packages/cli/src/testing/published_client.py', import.meta.url))
const routing = 'KERNEL_BROWSER_ROUTING_SUBRESOURCES'

/** A client whose stream is open. */
export interface IdleClient {
  readonly name: string
  /** The type of the first event that it gets; undefined when the stream ended without one. Rejects when the stream broke. */
  readonly first: Promise<string | undefined>
}

/** Opens a stream with each client. Only events of type `test_event` are to be published on that browser. */
export async function openIdleClients(control: ControlProcess, browser: MeasuredBrowser): Promise<readonly IdleClient[]> {
  const clients = [await nodeClient(control, browser, 'directly'), await nodeClient(control, browser, 'forwarded')]
  if (!existsSync(pythonPath())) return clients
  return [...clients, await pythonClient(control, browser, 'directly'), await pythonClient(control, browser, 'forwarded')]
}

type Way = 'directly' | 'forwarded'

async function nodeClient(control: ControlProcess, { session_id }: MeasuredBrowser, way: Way): Promise<IdleClient> {
  const before = process.env[routing]
  if (way === 'forwarded') process.env[routing] = ''
  const client = new Kernel({ apiKey: controlKey, baseURL: control.url })
  if (before === undefined) delete process.env[routing]
  else process.env[routing] = before
  // Reading it is what teaches the client its route.
  await client.browsers.retrieve(session_id)
  const stream = await client.browsers.telemetry.stream(session_id)
  const read = async (): Promise<string | undefined> => {
    for await (const { event } of stream) return event.type
    return undefined
  }
  return { name: `@onkernel/sdk ${way}`, first: read() }
}

async function pythonClient(control: ControlProcess, { session_id }: MeasuredBrowser, way: Way): Promise<IdleClient> {
  const env = { ...process.env, BROWSER: session_id, ...(way === 'forwarded' ? { [routing]: '' } : {}) }
  const child = spawn(pythonPath(), [script, 'idle', control.url, controlKey], { env, stdio: ['ignore', 'pipe', 'pipe'] })
  const output = text(child.stdout)
  const ended = once(child, 'close')
  await new Promise<void>((resolve, reject) => {
    createInterface(child.stderr).once('line', (line) => (line === 'open' ? resolve() : reject(new Error(`Python: ${line}`))))
    child.once('close', (code) => reject(new Error(`Python ended with ${code}`)))
  })
  const read = async (): Promise<string | undefined> => {
    const [code] = await ended
    if (code !== 0) throw new Error(`Python ended with ${code}`)
    return JSON.parse(await output).type ?? undefined
  }
  return { name: `kernel for Python ${way}`, first: read() }
}
