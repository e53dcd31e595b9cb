// What the machine of the connection is told and what it tells. Only data; the machine is link.ts.
// `atMs` is monotonic milliseconds; it never goes back.

export type LossCause = 'chrome_restarted' | 'connection_lost' | 'protocol_stalled'

/** What the supervisor tells. `attempt` is the number that came with the `open` command; `endpoint` identifies one run of Chromium. */
export type LinkInput =
  | { readonly kind: 'start'; readonly atMs: number }
  | { readonly kind: 'stop'; readonly atMs: number }
  /** The endpoint was read for this attempt; the socket is not open yet. May be left out. */
  | { readonly kind: 'endpoint_read'; readonly atMs: number; readonly attempt: number; readonly endpoint: string }
  | { readonly kind: 'opened'; readonly atMs: number; readonly attempt: number; readonly endpoint: string }
  | { readonly kind: 'open_failed'; readonly atMs: number; readonly attempt: number }
  | { readonly kind: 'capture_ready'; readonly atMs: number; readonly attempt: number }
  /** The socket closed by itself. `isBrowserGone`: whoever watches the process saw it end. */
  | { readonly kind: 'closed'; readonly atMs: number; readonly attempt: number; readonly isBrowserGone?: boolean }
  /** Another Chromium announced itself, by its port file or its launcher. */
  | { readonly kind: 'endpoint_changed'; readonly atMs: number; readonly endpoint: string }
  /** A timer. `lastMessageAtMs` is when the last message, of any kind, was received on the open socket. */
  | { readonly kind: 'wake'; readonly atMs: number; readonly lastMessageAtMs?: number | undefined }

/** What the supervisor has to do, in this order. */
export type LinkOutput =
  | { readonly kind: 'close'; readonly attempt: number }
  | { readonly kind: 'disconnected'; readonly atMs: number; readonly cause: LossCause }
  | { readonly kind: 'reconnected'; readonly atMs: number; readonly reconnectDurationMs: number; readonly isOtherBrowser: boolean }
  | { readonly kind: 'reconnect_failed'; readonly atMs: number; readonly attempts: number }
  /** Read the endpoint and connect to it. */
  | { readonly kind: 'open'; readonly attempt: number }
  /** Send `Browser.getVersion`; its answer is a message like any other. */
  | { readonly kind: 'probe'; readonly attempt: number }
