// `npm run soak -- log-kill [--kills N] [--seed N]`: the kill loop at full length, in both ways of flushing, with figures.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { runKillLoop } from './kill-loop.ts'

async function run(sync: 'batch' | 'none', kills: number, seed: number): Promise<number> {
  const directory = await mkdtemp(join(tmpdir(), 'tabscope-kill-'))
  try {
    const { rounds, faults, lines } = await runKillLoop({
      directory,
      kills,
      seed,
      sync,
      onRound: ({ firstSeq, durableSeq, foundSeq, cutBytes }) => {
        process.stdout.write(`sync ${sync}: from ${firstSeq}, said durable ${durableSeq}, found up to ${foundSeq}, cut ${cutBytes} bytes\n`)
      },
    })
    const torn = rounds.filter(({ cutBytes }) => cutBytes > 0).length
    process.stdout.write(`sync ${sync}: ${rounds.length} kills, ${lines} lines readable, ${torn} torn ends cut, `)
    process.stdout.write(`${faults.length} faults\n${faults.slice(0, 20).join('\n')}\n`)
    return faults.length
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
}

const { values } = parseArgs({ options: { kills: { type: 'string', default: '50' }, seed: { type: 'string', default: '1' } } })
const faults =
  (await run('batch', Number(values.kills), Number(values.seed))) + (await run('none', Number(values.kills), Number(values.seed)))
process.exitCode = faults === 0 ? 0 : 1
