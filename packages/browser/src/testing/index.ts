// For tests of other packages: what runs on this machine.
export { leftOver, processesWith, profileOf } from './processes.ts'
