// The bounds of one log. The defaults are in schema's limits; tests make them small.
import { limits } from '@tabscope/schema'

export interface LogLimits {
  readonly ringRecords: number
  readonly ringBytes: number
  readonly recordOverheadBytes: number
  readonly slabBytes: number
  readonly queueBytes: number
  readonly batchMs: number
  readonly batchBytes: number
  readonly batchMostBytes: number
  readonly segmentBytes: number
  readonly segmentBatches: number
  readonly retentionBytes: number
  readonly retentionMs: number
  readonly retentionCheckMs: number
  readonly reservedNumbers: number
  readonly retryMs: number
}

export const defaultLogLimits: LogLimits = {
  ringRecords: limits.logRingRecords,
  ringBytes: limits.logRingBytes,
  recordOverheadBytes: limits.logRecordOverheadBytes,
  slabBytes: limits.logSlabBytes,
  queueBytes: limits.logQueueBytes,
  batchMs: limits.logBatchMs,
  batchBytes: limits.logBatchBytes,
  batchMostBytes: limits.logBatchMostBytes,
  segmentBytes: limits.logSegmentBytes,
  segmentBatches: limits.logSegmentBatches,
  retentionBytes: limits.logRetentionBytes,
  retentionMs: limits.logRetentionMs,
  retentionCheckMs: limits.logRetentionCheckMs,
  reservedNumbers: limits.logReservedNumbers,
  retryMs: limits.logRetryMs,
}
