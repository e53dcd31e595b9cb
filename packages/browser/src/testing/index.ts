// For tests of other packages: what runs on this machine.
export { descendantsOf, isRunning, leftOver, processesWith, profileBelow, profileOf } from './processes.ts'
