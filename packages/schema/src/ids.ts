// Names of things, made in one place. Never reads a clock and never counts events: `seq` belongs to the log.

/** A UUID for one stretch of capture, from off to on until off again. */
export function newCaptureSessionId(): string {
  return globalThis.crypto.randomUUID()
}

/** A UUID for one HTTP request or one relayed connection. */
export function newRequestId(): string {
  return globalThis.crypto.randomUUID()
}
