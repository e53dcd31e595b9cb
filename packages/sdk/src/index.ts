// The public face of @tabscope/sdk: browsers of a control plane, and streams of typed events.
export type { Gap, GapReason } from '@tabscope/schema/cursor'
export {
  APIConnectionError,
  APIConnectionTimeoutError,
  APIError,
  AuthenticationError,
  BadRequestError,
  ConflictError,
  InternalServerError,
  NotFoundError,
  PermissionDeniedError,
  RateLimitError,
  UnprocessableEntityError,
} from './api-errors.ts'
export type {
  Browser,
  BrowserCreateParams,
  BrowserListParams,
  BrowserUpdateParams,
  CategoryRequest,
  CurlParams,
  CurlResult,
  SettableCategory,
  TelemetryRequest,
  Viewport,
} from './browser-types.ts'
export type { Browsers } from './browsers.ts'
export { type ClientOptions, type RawCall, Tabscope } from './client.ts'
export { type ClientErrorCode, describeError, StreamError, TabscopeError } from './errors.ts'
export type * from './event-types.ts'
export type { ConnectionChange } from './follow.ts'
export { type FollowOptions, followStream } from './follow-stream.ts'
export type { Page, PagePromise } from './page.ts'
export { type ReadEventsOptions, readEvents } from './read-events.ts'
export type { Route, RouteCache } from './route-cache.ts'
export { createSseDecoder, type SseDecoder, type SseId, type SseMessage } from './sse.ts'
export { readStreamState, type StateOptions } from './stream-state.ts'
export type { StreamFilters } from './stream-url.ts'
export type { EventsParams, Telemetry } from './telemetry.ts'
export type { StreamParams, TelemetryStream, TelemetryStreamPromise } from './telemetry-stream.ts'
export type { RequestOptions } from './transport.ts'
export type { Waiting, WaitOptions } from './wait-for.ts'
