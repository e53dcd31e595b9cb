// `npm run check`: everything that can be said about the code without running it. Runs all steps, also after a failed one, and
// says at the end which failed. Arguments choose steps: `npm run check -- types layers`.
// @ts-check
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const limitMs = 5 * 60_000

/** @param {...string} parts */
const tool = (...parts) => join(root, 'node_modules', ...parts)
const tsx = tool('tsx', 'dist', 'cli.mjs')
const tsc = tool('typescript', 'bin', 'tsc')

/** @type {Record<string, string[][]>} */
const steps = {
  types: [
    [tsc, '-b'],
    [tsc, '-p', 'tsconfig.tests.json'],
  ],
  style: [[tool('@biomejs', 'biome', 'bin', 'biome'), 'check', '--error-on-warnings', '.']],
  layers: [[tsx, 'tools/check-layers.ts']],
  clock: [[tsx, 'tools/check-clock.ts']],
  documents: [[tsx, 'tools/generate.ts', '--check']],
  'dead exports': [[tool('knip', 'bin', 'knip.js'), '--no-progress']],
}

/** @param {string[]} command @returns {boolean} */
function passes(command) {
  const done = spawnSync(process.execPath, command, {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
    timeout: limitMs,
    killSignal: 'SIGKILL',
  })
  if (done.error !== undefined) process.stdout.write(`${done.error.message}\n`)
  return done.status === 0
}

const chosen = process.argv.slice(2)
const unknown = chosen.filter((name) => !Object.hasOwn(steps, name))
if (unknown.length > 0) {
  process.stderr.write(`no such step: ${unknown.join(', ')}. There are: ${Object.keys(steps).join(', ')}.\n`)
  process.exit(2)
}
if (!existsSync(tsc)) {
  process.stderr.write('the npm packages are not installed: run `node tools/setup.mjs` first.\n')
  process.exit(2)
}
/** @type {string[]} */
const failed = []
for (const [name, commands] of Object.entries(steps)) {
  if (chosen.length > 0 && !chosen.includes(name)) continue
  const startMs = performance.now()
  const ok = commands.every(passes)
  if (!ok) failed.push(name)
  process.stdout.write(`${ok ? 'ok    ' : 'FAILED'} ${name.padEnd(14)} ${((performance.now() - startMs) / 1000).toFixed(1)} s\n`)
}
process.stdout.write(failed.length === 0 ? 'check: everything is fine\n' : `check: failed: ${failed.join(', ')}\n`)
process.exitCode = failed.length === 0 ? 0 : 1
