// The public surface of this package. Others import from here only; inside the package nobody does.
export type { ControlOptions } from './config.ts'
export { type RunningControl, startControl } from './control.ts'
export type { ServerProgram } from './server-process.ts'
export type { KeyChange } from './signing-keys.ts'
