// What is there while the browser still starts.
import { execFile } from 'node:child_process'
import { open, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { findChromium } from '@tabscope/browser'
import { expect, test } from 'vitest'
import { createLogger } from './log-line.ts'
import { serve } from './serve.ts'
import { temporaryFolder } from './testing/temporary-folder.ts'
import { askUrl } from './testing/test-server.ts'
import { unusedPort } from './testing/unused-port.ts'

/** A Chromium that starts when somebody has opened and closed the pipe. */
async function heldChromium(folder: string): Promise<{ readonly path: string; readonly pipe: string }> {
  const [path, pipe] = [join(folder, 'chromium'), join(folder, 'pipe')]
  await promisify(execFile)('mkfifo', [pipe])
  await writeFile(path, `#!/bin/sh\ncat '${pipe}'\nexec '${findChromium()}' "$@"\n`, { mode: 0o755 })
  return { path, pipe }
}

test('who asks for or changes the configuration while the browser starts finds the one of the start, and what is changed stays', async () => {
  await using folder = await temporaryFolder()
  const { path, pipe } = await heldChromium(folder.path)
  const port = await unusedPort()
  const options = { port, browser: { at: 'launch', chromium: path }, telemetry: ['console'], logger: createLogger('silent') } as const
  const starting = serve(options)
  // Opens when the other end does: the server listens by then, and waits for its browser.
  const release = await open(pipe, 'w')
  const url = `http://127.0.0.1:${port}`
  const first = await askUrl(`${url}/telemetry`, 'GET')
  const changed = await askUrl(`${url}/telemetry`, 'PATCH', { json: { browser: { page: { enabled: true } } } })
  const ready = await askUrl(`${url}/readyz`, 'GET')
  await release.close()
  await using server = await starting
  const last = await askUrl(`${url}/telemetry`, 'GET')
  expect([first, changed, ready].map(({ status }) => status)).toEqual([200, 200, 503])
  expect([first, last].map(({ json }) => json)).toMatchObject([
    { config: { browser: { console: { enabled: true }, page: { enabled: false } } } },
    { config: { browser: { console: { enabled: true }, page: { enabled: true } } } },
  ])
  expect((await askUrl(`${server.url}/readyz`, 'GET')).status).toBe(200)
})
