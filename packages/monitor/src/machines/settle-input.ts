// What a tab's settling is told. Only data; the machines that take them are quiet.ts, navigation.ts and settle.ts.
// `atMs` is monotonic milliseconds, as stamped when the message was received; it never goes back.

/** A request left. `counted: false` is the caller's veto; what never counts by its kind is known here. A redirect hop is a request of its own. */
export interface RequestStarted {
  readonly kind: 'request_started'
  readonly atMs: number
  readonly key: string
  readonly url: string
  readonly resourceType?: string | undefined
  readonly initiatorType?: string | undefined
  readonly isPrefetch?: boolean
  readonly loaderId?: string | undefined
  /** True for the request of a document at the top of the tab. */
  readonly isDocument?: boolean
  readonly counted?: boolean
}

/** A new top-level document. Requests of the old one are forgotten; the document's own and those with its `loaderId` stay. */
export interface Navigated {
  readonly kind: 'navigated'
  readonly atMs: number
  readonly navSeq: number
  /** `bfcache_restore` has no document request and no load event; the other kinds are all alike here. */
  readonly navigationType?: string | undefined
  readonly documentRequestKey?: string | undefined
  readonly loaderId?: string | undefined
}

/** Capture began on a tab that already had a document, in this `document.readyState`. */
export interface AttachedLate {
  readonly kind: 'attached_late'
  readonly atMs: number
  readonly navSeq?: number | undefined
  readonly readyState: 'loading' | 'interactive' | 'complete'
  /** When the navigation committed, on the machine's clock, if that could be found out. */
  readonly committedAtMs?: number | undefined
  readonly documentRequestKey?: string | undefined
}

export type QuietInput =
  | Navigated
  | AttachedLate
  | RequestStarted
  | { readonly kind: 'headers_received'; readonly atMs: number; readonly key: string; readonly expectedBytes?: number | undefined }
  | { readonly kind: 'bytes_received'; readonly atMs: number; readonly key: string; readonly encodedBytes?: number | undefined }
  | { readonly kind: 'request_ended'; readonly atMs: number; readonly key: string }
  | { readonly kind: 'request_moved'; readonly atMs: number; readonly fromKey: string; readonly toKey: string }
  | { readonly kind: 'session_gone'; readonly atMs: number; readonly keys: Iterable<string> }
  | { readonly kind: 'dom_content_loaded'; readonly atMs: number }
  | { readonly kind: 'cancel'; readonly atMs: number }
  | { readonly kind: 'wake'; readonly atMs: number }

export type NavigationInput =
  | Navigated
  | AttachedLate
  | { readonly kind: 'dom_content_loaded'; readonly atMs: number }
  | { readonly kind: 'load'; readonly atMs: number }
  | { readonly kind: 'layout_shift'; readonly atMs: number }
  | { readonly kind: 'network_idle'; readonly atMs: number }
  | { readonly kind: 'cancel'; readonly atMs: number }
  | { readonly kind: 'wake'; readonly atMs: number }

/** Everything that the machine of a tab takes; `network_idle` is its own. */
export type SettleInput = QuietInput | Exclude<NavigationInput, { readonly kind: 'network_idle' }>

/** Whether the input ends everything that was under way. */
export function beginsAnew(input: { readonly kind: string }): boolean {
  return input.kind === 'navigated' || input.kind === 'attached_late' || input.kind === 'cancel'
}
