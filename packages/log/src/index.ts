// The public surface of this package. Others import from here only; inside the package nobody does.
export { type EventLog, type EventLogOptions, openEventLog } from './event-log.ts'
export type { LogLimits } from './log-limits.ts'
export type { LogReader, ReaderOptions, ReadResult } from './reader.ts'
export type { LogTrouble } from './trouble.ts'
