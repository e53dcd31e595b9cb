// For tests of other packages: what runs on this machine.
export { countPixels, type DecodedPng, pixelAt, readPng } from './png.ts'
export { descendantsOf, isRunning, leftOver, processesWith, profileBelow, profileOf } from './processes.ts'
