// The public surface of this package. Others import from here only; inside the package nobody does.
export { type EventLog, type EventLogOptions, openEventLog } from './event-log.ts'
export type { FileSystem, FolderLock, OpenFile } from './files.ts'
export { type HistoryOptions, type HistoryPage, readHistory } from './history.ts'
export type { LogLimits } from './log-limits.ts'
export { nodeFiles } from './node-files.ts'
export type { LogReader, ReaderOptions, ReadResult } from './reader.ts'
export type { RecoveryReport } from './recovery.ts'
export type { DiskTrouble, LogTrouble } from './trouble.ts'
