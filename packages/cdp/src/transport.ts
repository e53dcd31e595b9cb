// The seam between the connection and whatever carries its bytes: a WebSocket, a recording, a test.
// It never looks into a message.

/** What a transport tells its owner. */
export interface TransportEvents {
  /** One whole message. The bytes may be reused by the transport after the call. */
  message(bytes: Uint8Array): void
  /** The transport is gone, for the cause in words. Called once; nothing comes after it. */
  closed(cause: string): void
}

/** An open line to Chromium. */
export interface Transport {
  /** Queues one message. After the end it does nothing. */
  send(text: string): void
  /** Everything sent inside `run` leaves in one write of the socket. */
  cork(run: () => void): void
  /** Ends the line; `closed` follows. May be called twice. */
  close(): void
}

/** Opens a transport; rejects with a `TelemetryError`, or with the signal's reason when aborted first. */
export type OpenTransport = (events: TransportEvents, signal: AbortSignal) => Promise<Transport>
