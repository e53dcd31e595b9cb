// The public surface of this package. Others import from here only; inside the package nobody does.
export { type BatchBounds, defaultBatchBounds } from './batch.ts'
export { type Checkpoint, createForgetfulCheckpoint, openCheckpoint, type Place } from './checkpoint.ts'
export { createOtlpSink, type OtlpSinkOptions, otlpFilter } from './otlp.ts'
export { type OtlpConfig, otlpConfigFrom } from './otlp-config.ts'
export { type Pump, startPump } from './pump.ts'
export type { PumpOptions, PumpPhase, PumpState } from './pump-state.ts'
export { nothingRefused, type Sink, type SinkBatch, type WriteReport } from './sink.ts'
export { messageOf, type SinkTrouble } from './sink-trouble.ts'
