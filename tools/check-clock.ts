// Fails the build when anything but schema/src/clock.ts reads a clock or sets a timer; the rule is in clock-rule.ts.
import { findClockFaults } from './clock-rule.ts'
import { readPackageSources, repositoryRoot } from './source-files.ts'

const faults = findClockFaults(readPackageSources(process.argv[2] ?? repositoryRoot))
for (const fault of faults) process.stdout.write(`${fault}\n`)
process.exitCode = faults.length === 0 ? 0 : 1
