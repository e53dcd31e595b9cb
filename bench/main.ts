// `npm run bench [-- name…] [--full]`: measures against a floor taken in the same run. Each benchmark is a process of its own, one
// after another, so that none heats the memory of the next, and runs on the built packages: what runs sources adds work of its own. Without a name all run.
import { runProgram } from '../tools/run-program.ts'

const benchmarks: Readonly<Record<string, string>> = {
  publish: 'publish + ring + segments against JSON.stringify + one batched file write',
  'fan-out': 'SSE clients on loopback against the same frames written to plain sockets',
  overhead: 'page loads watched by each category, and by others, against a client that only counts messages',
  monitor: 'recorded CDP traffic through the monitor against ws + JSON.parse',
  sinks:
    'events from disk into a real S2 against its client alone, near and far; catching up after an outage; OTLP; publishing while S2 is down',
  control:
    'a control plane: browsers created cold and warm, streams forwarded against direct, what idle servers cost, 10 (full: 20) at once',
  proxy: 'a DevTools round trip through the proxy against one without it',
  'flat-memory': 'resident size after the first tenth of many events and at the end',
}

async function main(given: readonly string[]): Promise<number> {
  const options = given.filter((text) => text.startsWith('--'))
  const names = given.filter((text) => !text.startsWith('--'))
  const unknown = names.filter((name) => !Object.hasOwn(benchmarks, name))
  if (unknown.length > 0) {
    const lines = Object.entries(benchmarks).map(([name, what]) => `  ${name.padEnd(14)} ${what}`)
    process.stdout.write(`There is no benchmark ${unknown.join(', ')}. npm run bench [-- name…] [--full]\n${lines.join('\n')}\n`)
    return 2
  }
  let worst = 0
  for (const name of names.length > 0 ? names : Object.keys(benchmarks)) {
    process.stdout.write(`\n== ${name}: ${benchmarks[name]}\n`)
    worst = Math.max(worst, await runProgram(`bench/${name}.ts`, options, 'built'))
  }
  return worst
}

process.exitCode = await main(process.argv.slice(2))
