// `npm run soak -- restarts [count]`: Chromium killed and restarted that often (10 if not given) during capture; prints what each round told.
import { type Round, restartRounds } from './restarts.ts'

const count = Number(process.argv[2] ?? 10)
const expected: Round = { disconnected: 1, reconnected: 1, hungRequestClosed: 1, existingTabs: 1, pageAfterwards: 1 }
const rounds = await restartRounds(count)
const faults = rounds.filter((round) => JSON.stringify(round) !== JSON.stringify(expected))
process.stdout.write(`${rounds.length} restarts, ${faults.length} with something missed or told twice\n`)
for (const fault of faults) process.stdout.write(`${JSON.stringify(fault)}\n`)
process.exitCode = faults.length === 0 ? 0 : 1
