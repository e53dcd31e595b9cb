// `npm run setup:otelcol`: builds a small real OpenTelemetry Collector (OTLP in, printed out) for the tests of the OTLP sink, once a
// machine, into a cache folder outside of the repository. Plain Node. Needs Go; does nothing when the program is there already.
// @ts-check
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'

const builderVersion = '0.164.0'
// 0.163 and 0.164 of the components miss a module.
const componentVersion = '0.160.0'
const providerVersion = '1.66.0'
const minute = 60_000

/** Where the collector of these versions is, once it is built: one folder a machine, whatever the clone. */
export function otelcolPath() {
  const cache = process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache')
  return join(cache, 'tabscope', `otelcol-${componentVersion}`, process.platform === 'win32' ? 'otelcol.exe' : 'otelcol')
}

/** Why a test of it is skipped, and what to do. */
export const otelcolMissing = 'there is no OpenTelemetry Collector on this machine: run `npm run setup:otelcol` once (needs Go)'

/** @param {string} folder where the builder writes its sources and the program */
function builderConfig(folder) {
  const core = 'go.opentelemetry.io/collector'
  const provider = (/** @type {string} */ name) => `  - gomod: ${core}/confmap/provider/${name}provider v${providerVersion}\n`
  return (
    `dist:\n  name: otelcol\n  description: Collector for tests\n  output_path: ${JSON.stringify(folder)}\n` +
    `receivers:\n  - gomod: ${core}/receiver/otlpreceiver v${componentVersion}\n` +
    `exporters:\n  - gomod: ${core}/exporter/debugexporter v${componentVersion}\n` +
    `providers:\n${['file', 'yaml', 'env'].map(provider).join('')}`
  )
}

/** @param {string} text */
function say(text) {
  process.stderr.write(`setup:otelcol: ${text}\n`)
}

/** @param {string} command @param {string[]} args @param {Record<string, string>} env */
function run(command, args, env) {
  // Kind to whoever works on this machine meanwhile.
  const isNiced = process.platform !== 'win32'
  const [program = '', ...rest] = isNiced ? ['nice', '-n', '10', command, ...args] : [command, ...args]
  const path = [process.env['PATH'] ?? '', '/usr/local/go/bin'].join(delimiter)
  const done = spawnSync(program, rest, {
    stdio: ['ignore', 2, 2],
    timeout: 20 * minute,
    killSignal: 'SIGKILL',
    env: { ...process.env, PATH: path, ...env },
  })
  if (done.error === undefined && done.status === 0) return
  const end = done.error?.message ?? (done.signal === null ? `code ${done.status}` : `signal ${done.signal}`)
  throw new Error(`\`${[command, ...args].join(' ')}\` ended with ${end}. Is Go installed (https://go.dev/dl/), and the network there?`)
}

function build() {
  const target = otelcolPath()
  mkdirSync(dirname(dirname(target)), { recursive: true })
  const work = mkdtempSync(join(dirname(dirname(target)), 'build-'))
  try {
    run('go', ['install', `go.opentelemetry.io/collector/cmd/builder@v${builderVersion}`], { GOBIN: work })
    const config = join(work, 'builder.yaml')
    const output = join(work, 'out')
    writeFileSync(config, builderConfig(output))
    run(join(work, 'builder'), ['--config', config, '--skip-strict-versioning'], { CGO_ENABLED: '0' })
    mkdirSync(dirname(target), { recursive: true })
    // By rename, so that a build that was cut off is never taken for a program.
    renameSync(join(output, process.platform === 'win32' ? 'otelcol.exe' : 'otelcol'), target)
  } finally {
    rmSync(work, { recursive: true, force: true })
  }
}

function main() {
  if (existsSync(otelcolPath())) return say(`${otelcolPath()} is there already`)
  say('building (once a machine; some minutes)')
  try {
    build()
    say(`built ${otelcolPath()}`)
  } catch (error) {
    say(error instanceof Error ? error.message : String(error))
    process.exitCode = 1
  }
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) main()
