// A writing process killed with SIGKILL. The long version is `npm run soak -- log-kill`.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { runKillLoop } from './testing/kill-loop.ts'

test.each(['batch', 'none'] as const)(
  'a killed process leaves every durable line readable and no number is given again: sync %s',
  async (sync) => {
    const directory = await mkdtemp(join(tmpdir(), 'tabscope-kill-'))
    try {
      const { rounds, faults, lines } = await runKillLoop({ directory, kills: 2, seed: process.pid, sync })
      expect({ faults, kills: rounds.length }).toEqual({ faults: [], kills: 2 })
      const promised = rounds.reduce((sum, round) => sum + round.durableSeq - round.firstSeq + 1, 0)
      expect(lines).toBeGreaterThanOrEqual(promised)
      expect(promised).toBeGreaterThan(0)
    } finally {
      await rm(directory, { recursive: true, force: true })
    }
  },
)
