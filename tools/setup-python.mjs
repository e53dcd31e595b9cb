// `npm run setup:python`: a virtual environment with the published Python client, for the compatibility tests, once a machine, into a cache
// folder outside of the repository. Plain Node. Needs Python 3.9 with venv, which it installs itself as root on Debian.
// @ts-check
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync } from 'node:fs'
import { homedir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'

/** The newest published contract. */
export const clientVersion = '0.131.0'
const minute = 60_000

function environmentPath() {
  const cache = process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache')
  return join(cache, 'tabscope', `kernel-python-${clientVersion}`)
}

/** The interpreter that has the client, once it is set up: one a machine, whatever the clone. */
export function pythonPath() {
  return join(environmentPath(), 'bin', 'python')
}

/** Why a test of it is skipped, and what to do. */
export const pythonMissing = 'the published Python client is not on this machine: run `npm run setup:python` once (needs Python 3.9)'

/** @param {string} text */
function say(text) {
  process.stderr.write(`setup:python: ${text}\n`)
}

/** @param {string} command @param {string[]} args @returns {string | undefined} what went wrong */
function run(command, args) {
  const done = spawnSync(command, args, {
    stdio: ['ignore', 2, 2],
    timeout: 10 * minute,
    killSignal: 'SIGKILL',
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive', PIP_DISABLE_PIP_VERSION_CHECK: '1' },
  })
  if (done.error !== undefined) return `\`${command}\`: ${done.error.message}`
  return done.status === 0 ? undefined : `\`${[command, ...args].join(' ')}\` ended with ${done.status ?? done.signal}`
}

/** @param {string} folder */
function makeEnvironment(folder) {
  const problem = run('python3', ['-m', 'venv', folder])
  if (problem === undefined || process.platform !== 'linux' || process.getuid?.() !== 0) return problem
  // Debian has venv in a package of its own.
  const installed = run('apt-get', ['update', '-q']) ?? run('apt-get', ['install', '-q', '-y', '--no-install-recommends', 'python3-venv'])
  rmSync(folder, { recursive: true, force: true })
  return installed ?? run('python3', ['-m', 'venv', folder])
}

function setUp() {
  const target = environmentPath()
  mkdirSync(dirname(target), { recursive: true })
  // Made beside it and shown by a link, so that one that was cut off is never taken for whole; an environment cannot be moved.
  const folder = mkdtempSync(`${target}-`)
  const problem =
    makeEnvironment(folder) ?? run(join(folder, 'bin', 'python'), ['-m', 'pip', 'install', '-q', '--no-input', `kernel==${clientVersion}`])
  if (problem !== undefined) {
    rmSync(folder, { recursive: true, force: true })
    say(`${problem}. Is Python 3.9 with venv installed, and the network there?`)
    process.exitCode = 1
    return
  }
  const link = mkdtempSync(`${target}-link-`)
  symlinkSync(basename(folder), join(link, 'link'))
  renameSync(join(link, 'link'), target)
  rmSync(link, { recursive: true })
  say(`installed kernel ${clientVersion} at ${target}`)
}

function main() {
  if (existsSync(pythonPath())) return say(`${pythonPath()} is there already`)
  say(`installing kernel ${clientVersion} (once a machine)`)
  setUp()
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) main()
