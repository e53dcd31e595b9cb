// `npm run setup:pages`: the npm packages whose own pages the differential run visits, in exact versions, into fixtures/npm-pages. Plain Node.
// Nothing of them is run by Node, also no script of theirs at the installation. Does nothing that is done already.
// @ts-check
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { missingPackages } from './setup.mjs'

const folder = fileURLToPath(new URL('../fixtures/npm-pages', import.meta.url))
const minute = 60_000

/** Why pages of npm packages cannot be visited, and what to do. */
export const pagesMissing = 'the npm packages with pages of their own are not on this machine: run `npm run setup:pages` once (23 MB)'

/** The packages that are not there, or not in their version. */
export function missingPages() {
  return missingPackages(readLock(join(folder, 'package-lock.json')), readLock(join(folder, 'node_modules', '.package-lock.json')))
}

/** @param {string} path @returns {{ packages?: Record<string, { version?: string }> }} */
function readLock(path) {
  return existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : {}
}

/** @param {string} text */
function say(text) {
  process.stderr.write(`setup:pages: ${text}\n`)
}

function main() {
  const missing = missingPages()
  if (missing.length === 0) return say('all pages are there already')
  say(`npm ci in fixtures/npm-pages (${missing.length} packages, 23 MB, once a clone)`)
  const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm'
  const done = spawnSync(npm, ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], {
    cwd: folder,
    stdio: ['ignore', 2, 2],
    timeout: 5 * minute,
    killSignal: 'SIGKILL',
  })
  if (done.status === 0) return
  say(`npm ci: ${done.error?.message ?? `ended with ${done.status ?? done.signal}`}. Check the network and run the command again.`)
  process.exitCode = 1
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) main()
