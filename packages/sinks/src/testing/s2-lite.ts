// A real S2 on loopback for tests: `s2 lite`, in memory or on a folder, with a basin in it; and whether this machine has one.
import { type ChildProcess, spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { accessSync, constants } from 'node:fs'
import { createServer } from 'node:net'
import { homedir } from 'node:os'
import { delimiter, join } from 'node:path'
import { deadline, delay, foregroundClock } from '@tabscope/schema'
import type { S2Settings } from '../s2-settings.ts'

/** What makes it: said by the tests that are skipped without it. */
export const s2SetUp = 'npm run setup:s2'

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    // Not there, or not a program: the next place is looked at.
    return false
  }
}

/** The `s2` of this machine; undefined where there is none. */
export function findS2(): string | undefined {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), join(process.env['CARGO_HOME'] ?? join(homedir(), '.cargo'), 'bin')]
  return folders.map((folder) => join(folder, 's2')).find(isExecutable)
}

export interface S2Lite extends AsyncDisposable {
  readonly port: number
  readonly basin: string
  /** A stream that is not there yet, through this or another port. */
  settings(stream?: string, port?: number): S2Settings
  /** SIGKILL; returns when the process is gone. */
  kill(): Promise<void>
  /** Starts it again on the same port; on a folder with what was in it. */
  restart(): Promise<void>
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(0, '127.0.0.1', resolve))
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  if (address === null || typeof address === 'string') throw new Error('no port')
  return address.port
}

async function isHealthy(port: number): Promise<boolean> {
  const patience = deadline(foregroundClock, 1000)
  try {
    return (await fetch(`http://127.0.0.1:${port}/health`, { signal: patience.signal })).ok
  } catch {
    // Not up yet; the caller asks again.
    return false
  } finally {
    patience.cancel()
  }
}

/** The process that is there when it answers. */
async function launch(port: number, folder: string | undefined): Promise<ChildProcess> {
  const program = findS2()
  if (program === undefined) throw new Error(`there is no s2 on this machine: ${s2SetUp}`)
  const child = spawn(program, ['lite', '--port', String(port), ...(folder === undefined ? [] : ['--local-root', folder])], {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { PATH: process.env['PATH'], HOME: process.env['HOME'] },
  })
  let said = ''
  child.stderr?.on('data', (chunk) => {
    said = (said + String(chunk)).slice(-2000)
  })
  // It waits out an earlier instance on the same folder, which takes about a second.
  for (let tries = 0; tries < 600; tries++) {
    if (child.exitCode !== null) throw new Error(`s2 lite ended with code ${child.exitCode}: ${said}`)
    if (await isHealthy(port)) return child
    await delay(foregroundClock, 50)
  }
  child.kill('SIGKILL')
  throw new Error(`s2 lite did not come up on port ${port}: ${said}`)
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  await new Promise((resolve) => child.once('exit', resolve))
}

async function createBasin(settings: S2Settings): Promise<void> {
  const { S2 } = await import('@s2-dev/streamstore')
  const s2 = new S2({
    accessToken: settings.accessToken(),
    endpoints: { account: settings.accountEndpoint ?? '', basin: settings.basinEndpoint ?? '' },
  })
  await s2.basins.ensure({ basin: settings.basin })
}

/** Starts one: in memory, or on a folder. */
export async function startS2Lite(folder?: string): Promise<S2Lite> {
  const port = await freePort()
  const basin = `basin-${randomUUID().slice(0, 8)}`
  const settings = (stream: string = randomUUID(), through: number = port): S2Settings => ({
    accessToken: () => 'not-a-real-token',
    basin,
    stream,
    accountEndpoint: `http://127.0.0.1:${through}`,
    basinEndpoint: `http://127.0.0.1:${through}`,
  })
  let child = await launch(port, folder)
  await createBasin(settings())
  const kill = async (): Promise<void> => {
    child.kill('SIGKILL')
    await ended(child)
  }
  return {
    port,
    basin,
    settings,
    kill,
    restart: async () => {
      child = await launch(port, folder)
      await createBasin(settings())
    },
    [Symbol.asyncDispose]: kill,
  }
}
