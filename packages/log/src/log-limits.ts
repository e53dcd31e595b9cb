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
  readonly segmentMs: number
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
  segmentMs: limits.logSegmentMs,
  retentionBytes: limits.logRetentionBytes,
  retentionMs: limits.logRetentionMs,
  retentionCheckMs: limits.logRetentionCheckMs,
  reservedNumbers: limits.logReservedNumbers,
  retryMs: limits.logRetryMs,
}

/** How many segments the allowed space or age is cut into: retention removes whole ones. */
const segmentsKept = 8

/** The bounds with the defaults filled in. Where less is to be kept than usual, segments are smaller than usual too. */
export function logLimitsFrom(given: Partial<LogLimits> = {}): LogLimits {
  const all = { ...defaultLogLimits, ...given }
  return {
    ...all,
    segmentBytes: given.segmentBytes ?? Math.min(all.segmentBytes, Math.ceil(all.retentionBytes / segmentsKept)),
    segmentMs: given.segmentMs ?? Math.min(all.segmentMs, Math.ceil(all.retentionMs / segmentsKept)),
  }
}
