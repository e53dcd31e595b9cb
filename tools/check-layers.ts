// Fails the build when a package imports what it must not; the rules are in layers.ts.
import { findLayerFaults } from './layers.ts'
import { readPackageSources, repositoryRoot } from './source-files.ts'

const faults = findLayerFaults(readPackageSources(process.argv[2] ?? repositoryRoot))
for (const fault of faults) process.stdout.write(`${fault}\n`)
process.exitCode = faults.length === 0 ? 0 : 1
