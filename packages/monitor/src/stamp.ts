// When a message was received: both clocks, read once in the connection.

export interface Stamp {
  /** Unix microseconds. */
  readonly atUs: number
  /** Monotonic milliseconds. */
  readonly atMs: number
}
