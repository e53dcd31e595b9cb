// The public face of @tabscope/sdk: follow a stream of typed events.
export type { Envelope, Gap, GapReason } from '@tabscope/schema'
export { type ClientErrorCode, describeError, StreamError } from './errors.ts'
export { type ConnectionChange, type FollowOptions, followStream } from './resume.ts'
export { createSseDecoder, type SseDecoder, type SseId, type SseMessage } from './sse.ts'
export { readStreamState, type StateOptions } from './stream-state.ts'
export type { StreamFilters } from './stream-url.ts'
