// `npm run soak -- <name> [options]`: long runs that try to break something, each printing its figures. Too slow for `npm test`;
// run before an issue is called resolved. Without a name it lists what there is.
import { runProgram } from './run-program.ts'

interface Soak {
  readonly program: string
  readonly args?: readonly string[]
  readonly what: string
}

const soaks: Readonly<Record<string, Soak>> = {
  attach: {
    program: 'packages/monitor/src/testing/soak-attach.ts',
    what: 'what both attach modes see of new windows, frames and workers, against the page server; complete must miss nothing',
  },
  visibility: {
    program: 'packages/server/src/testing/soak-visibility.ts',
    what: 'what a page can notice of being captured, by what is captured: facts and times',
  },
  hostile: {
    program: 'packages/server/src/testing/soak-hostile.ts',
    what: 'hostile pages in full size beside an ordinary tab: memory of the collector, what arrived, what was reported as cut',
  },
  switching: {
    program: 'packages/monitor/src/testing/soak-switching.ts',
    what: 'categories and levels switched 200 times at random in the middle of requests: nothing of an old selection, nothing twice',
  },
  cuts: {
    program: 'packages/monitor/src/testing/soak-cuts.ts',
    what: 'the DevTools connection cut, stalled and slowed 30 times at random while pages load: losses told once, nothing twice, nothing open',
  },
  diff: {
    program: 'differential/main.ts',
    what: 'the stream against the page server and Playwright, on every page of fixtures/pages and in both attach modes; 0 differences',
  },
  restarts: {
    program: 'packages/monitor/src/testing/soak-restarts.ts',
    what: 'Chromium killed and restarted 10 times during capture, and 30 times at random in the middle of a load: each loss and return told once, nothing left open',
  },
  control: {
    program: 'bench/soak-control.ts',
    what: '20 browsers under a control plane while servers, Chromiums and the control plane itself are killed; streams idle for 35 s; nothing is left over',
  },
  's2-chaos': {
    program: 'packages/sinks/src/testing/soak-s2-chaos.ts',
    what: 'writer, S2 and network killed at random for 10 minutes (--minutes N): each durable event exactly once in the stream',
  },
  disk: {
    program: 'packages/server/src/testing/soak-disk.ts',
    what: 'a real small disk full and empty again 50 times under a server that publishes: the stream misses nothing, what the disk lost is counted',
  },
  'log-kill': {
    program: 'packages/log/src/testing/soak-log-kill.ts',
    what: 'kill -9 a writing process 50 times: every line readable, seq strictly rising, all up to durable_seq there',
  },
}

async function main(name: string | undefined, args: readonly string[]): Promise<number> {
  const soak = name !== undefined && Object.hasOwn(soaks, name) ? soaks[name] : undefined
  if (soak !== undefined) return runProgram(soak.program, [...(soak.args ?? []), ...args], 'source')
  const lines = Object.entries(soaks).map(([known, { what }]) => `  ${known.padEnd(16)} ${what}`)
  process.stdout.write(
    `${name === undefined ? 'Which soak?' : `There is no soak "${name}".`} npm run soak -- <name>\n${lines.join('\n')}\n`,
  )
  return 2
}

const [name, ...args] = process.argv.slice(2)
process.exitCode = await main(name, args)
