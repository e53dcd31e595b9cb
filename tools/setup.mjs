// Makes a fresh clone runnable: Node's version, npm packages, Chromium and its helpers, the build. Plain Node, no dependency, because
// it runs before there are any. Does nothing that is done already, and never waits without a limit.
// @ts-check
import { spawnSync } from 'node:child_process'
import { accessSync, constants, existsSync, readFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const leastNode = [20, 19]
const minute = 60_000

/**
 * @typedef {{ packages?: Record<string, { version?: string, link?: boolean, optional?: boolean, devOptional?: boolean }> }} Lock
 */

/**
 * Whether this Node is new enough.
 * @param {string} version such as `20.19.0`
 */
export function isNodeNewEnough(version) {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  const [leastMajor = 0, leastMinor = 0] = leastNode
  return major > leastMajor || (major === leastMajor && minor >= leastMinor)
}

/**
 * The packages that the lock file wants and npm's own record of the last install does not have in that version.
 * Optional ones are left out: which of them are installed depends on the machine.
 * @param {Lock} wanted @param {Lock} installed
 * @returns {string[]}
 */
export function missingPackages(wanted, installed) {
  return Object.entries(wanted.packages ?? {})
    .filter(([path, entry]) => path.includes('node_modules/') && entry.optional !== true && entry.devOptional !== true)
    .filter(([path, entry]) => {
      const there = installed.packages?.[path]
      return there === undefined || there.version !== entry.version || there.link !== entry.link
    })
    .map(([path]) => path)
}

/** @param {string} text */
function say(text) {
  process.stderr.write(`set-up: ${text}\n`)
}

/** @param {string} text @returns {never} */
function stop(text) {
  say(text)
  process.exit(1)
}

/**
 * @param {string} command @param {string[]} args @param {{ limitMs: number, env?: Record<string, string> }} options
 * @returns {string | undefined} what went wrong
 */
function run(command, args, { limitMs, env }) {
  const done = spawnSync(command, args, {
    cwd: root,
    stdio: ['ignore', 2, 2],
    timeout: limitMs,
    killSignal: 'SIGKILL',
    env: { ...process.env, ...env },
  })
  if (done.error !== undefined) return `${command}: ${done.error.message}`
  if (done.signal !== null) return `${command} was ended by ${done.signal}`
  return done.status === 0 ? undefined : `${command} ended with code ${done.status}`
}

/** @param {string} path @returns {Lock} */
function readLock(path) {
  return existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : {}
}

function installPackages() {
  const wanted = readLock(join(root, 'package-lock.json'))
  const missing = missingPackages(wanted, readLock(join(root, 'node_modules', '.package-lock.json')))
  if (missing.length === 0) return
  say(`npm ci (${missing.length} packages are missing or old; once, a minute or two)`)
  const problem = run(process.platform === 'win32' ? 'npm.cmd' : 'npm', ['ci', '--no-audit', '--no-fund'], { limitMs: 10 * minute })
  if (problem !== undefined) stop(`the npm packages could not be installed: ${problem}. Check the network and run the command again.`)
}

function build() {
  const problem = run(process.execPath, [join(root, 'node_modules', 'typescript', 'bin', 'tsc'), '-b'], { limitMs: 5 * minute })
  if (problem !== undefined) stop(`the build failed: ${problem}. The lines above say where.`)
}

/** @param {string} name */
function isOnPath(name) {
  return (process.env['PATH'] ?? '').split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, name), constants.X_OK)
      return true
    } catch {
      return false
    }
  })
}

async function hasChromium() {
  const { findChromium } = await import(pathToFileURL(join(root, 'packages', 'browser', 'dist', 'find.js')).href)
  try {
    findChromium()
    return true
  } catch (error) {
    if (process.env['CHROMIUM_PATH']) stop(error instanceof Error ? error.message : String(error))
    return false
  }
}

async function installBrowser() {
  const chromium = await hasChromium()
  const packages = [
    ...(chromium ? [] : ['chromium', 'fonts-liberation']),
    ...(isOnPath('ffmpeg') ? [] : ['ffmpeg']),
    ...(isOnPath('Xvfb') ? [] : ['xvfb']),
  ]
  if (packages.length === 0 || process.platform !== 'linux') return chromium || sayHowToInstall(packages)
  if (process.getuid?.() !== 0 || !isOnPath('apt-get')) return sayHowToInstall(packages)
  say(`apt-get install ${packages.join(' ')} (once, a minute or two)`)
  const env = { DEBIAN_FRONTEND: 'noninteractive' }
  const problem =
    run('apt-get', ['update', '-q'], { limitMs: 5 * minute, env }) ??
    run('apt-get', ['install', '-q', '-y', '--no-install-recommends', ...packages], { limitMs: 10 * minute, env })
  if (problem !== undefined) {
    say(problem)
    sayHowToInstall(packages)
  }
}

/** Goes on: without Chromium the command that needs it says so, and a path may still come as `--chromium`. @param {string[]} packages */
function sayHowToInstall(packages) {
  if (packages.includes('chromium')) {
    say(
      'no Chromium or Chrome was found. Install one (Debian: `sudo apt-get install chromium`), or name it: `npm start -- --chromium PATH`,',
    )
    say('or CHROMIUM_PATH=PATH in the environment, which `npm test` reads too.')
  }
  const helpers = packages.filter((name) => name === 'ffmpeg' || name === 'xvfb')
  if (helpers.length > 0 && process.platform === 'linux') {
    say(
      `not found, and needed only for a visible browser on a machine without a display: ${helpers.join(', ')} (\`sudo apt-get install ${helpers.join(' ')}\`).`,
    )
  }
}

async function main() {
  if (!isNodeNewEnough(process.versions.node)) {
    stop(`Node ${leastNode.join('.')} or newer is needed; this is ${process.versions.node}. See https://nodejs.org/.`)
  }
  installPackages()
  build()
  await installBrowser()
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) await main()
