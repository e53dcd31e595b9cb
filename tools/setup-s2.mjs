// Makes a real S2 for the tests, once a machine: `s2 lite` out of S2's own command line, built by cargo in ten minutes or more. Does
// nothing when there is one. Plain Node, because it may run before there is anything else.
//   npm run setup:s2
// @ts-check
import { spawnSync } from 'node:child_process'
import { accessSync, constants } from 'node:fs'
import { homedir } from 'node:os'
import { delimiter, join } from 'node:path'
import { pathToFileURL } from 'node:url'

const version = '0.43.4'
const limitMs = 60 * 60_000

/**
 * The folders in which programs are looked for; that of cargo may not be on the path.
 * @param {NodeJS.ProcessEnv} env
 */
export function programFolders(env) {
  const cargoHome = env['CARGO_HOME'] ?? join(env['HOME'] ?? homedir(), '.cargo')
  return [...(env['PATH'] ?? '').split(delimiter), join(cargoHome, 'bin')].filter((folder) => folder !== '')
}

/**
 * Where that program is; undefined when it is nowhere.
 * @param {string} name @param {NodeJS.ProcessEnv} [env]
 * @returns {string | undefined}
 */
export function findProgram(name, env = process.env) {
  return programFolders(env)
    .map((folder) => join(folder, name))
    .find((path) => {
      try {
        accessSync(path, constants.X_OK)
        return true
      } catch {
        // Not in this folder.
        return false
      }
    })
}

/** @param {string} text */
function say(text) {
  process.stderr.write(`set-up of s2: ${text}\n`)
}

/** @returns {number} the exit code */
function main() {
  if (findProgram('s2') !== undefined) return 0
  const cargo = findProgram('cargo')
  if (cargo === undefined) {
    say('there is no cargo on this machine. Install Rust 1.95 or newer (https://rustup.rs), then run `npm run setup:s2` again.')
    return 1
  }
  const args = ['install', '--locked', 's2-cli', '--version', version]
  say(`cargo ${args.join(' ')} (once, ten minutes on two idle cores)`)
  const done = spawnSync(cargo, args, { stdio: ['ignore', 2, 2], timeout: limitMs, killSignal: 'SIGKILL' })
  if (done.error === undefined && done.status === 0 && findProgram('s2') !== undefined) return 0
  say(`cargo did not get through: ${done.error?.message ?? `code ${done.status ?? done.signal}`}. The lines above say why.`)
  return 1
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) process.exitCode = main()
