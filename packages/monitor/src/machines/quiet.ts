// When the network of one tab is idle: nothing in flight for 500 ms. One machine per tab; monitor.md, Settling.
//
//              navigated, attached_late                 nothing in flight, document done
//   nowhere ────────────────────────────▶ busy ──────────────────────────────────▶ quieting
//      ▲                                   ▲ ▲                                      │    │
//      │ cancel (from everywhere)          │ └──────────── request_started ─────────┘    │ 500 ms: idle(idle_seq)
//      │                                   └────────────── request_started ──────── idle ◀
//
// `navigated` and `attached_late` begin anew from every state (idle_seq 1 comes next). In `nowhere` requests are kept, because a document's
// request is sent before its navigation commits, but nothing fires. Ends, moves and lost sessions of unknown requests change nothing.
// The state belongs to the machine and is updated in place; outputs are data. Never reads a clock: `atMs` is monotonic.
import { type IgnoredRequest, limits } from '@tabscope/schema'
import { type AttachedLate, beginsAnew, type Navigated, type QuietInput, type RequestStarted } from './settle-input.ts'
import type { IdleOutput } from './settle-output.ts'
import {
  addRequest,
  countsForIdle,
  createSettleRequests,
  endRequest,
  expectBytes,
  ignoreOld,
  keepRequests,
  listIgnored,
  moveRequest,
  nextIgnoreMs,
  receiveBytes,
  type SettleRequests,
} from './settle-requests.ts'

type QuietPhase =
  | { readonly at: 'nowhere' }
  | { readonly at: 'busy' }
  | { readonly at: 'quieting'; readonly sinceMs: number }
  | { readonly at: 'idle' }

export interface QuietState {
  phase: QuietPhase
  navSeq: number | undefined
  lateAttach: boolean
  /** The number that the next idle gets. */
  nextIdleSeq: number
  readonly requests: SettleRequests
  /** The document's own request, when its start was not seen and its end neither: nothing is idle before it, or before `untilMs`. */
  unseenDocument: { key: string | undefined; untilMs: number } | undefined
  /** The last few document requests whose start was seen; one that is not in flight any more has ended. */
  readonly seenDocuments: Set<string>
}

export interface QuietStep {
  readonly state: QuietState
  readonly outputs: readonly IdleOutput[]
  /** When a `wake` is due; undefined = no timer. A wake that comes too early is harmless. */
  readonly wakeAtMs: number | undefined
  /** Why the input changed nothing, where that is not ordinary. */
  readonly refused?: 'no_navigation'
}

const noOutputs: readonly IdleOutput[] = []
// Redirect hops and downloads come before a commit, so more than one document request can be remembered.
const rememberedDocuments = 8

export function createQuietState(): QuietState {
  return {
    phase: { at: 'nowhere' },
    navSeq: undefined,
    lateAttach: false,
    nextIdleSeq: 1,
    requests: createSettleRequests(),
    unseenDocument: undefined,
    seenDocuments: new Set(),
  }
}

/** One input, after what is due before it. A beginning or a cancel drops what is due: nothing of the old navigation comes after it. */
export function stepQuiet(state: QuietState, input: QuietInput): QuietStep {
  const outputs = beginsAnew(input) ? noOutputs : advanceQuiet(state, input.atMs)
  const refused = applyQuiet(state, input)
  const wakeAtMs = quietDueMs(state)
  return refused === undefined ? { state, outputs, wakeAtMs } : { state, outputs, wakeAtMs, refused }
}

/** Runs what is due up to `atMs`: first requests grow too old, which can begin the quiet time, then the quiet time ends. */
export function advanceQuiet(state: QuietState, atMs: number): readonly IdleOutput[] {
  for (let dueMs = quietDueMs(state); dueMs !== undefined && dueMs <= atMs; dueMs = quietDueMs(state)) {
    if (state.phase.at === 'quieting') return [becomeIdle(state, dueMs)]
    ignoreOld(state.requests, dueMs)
    if (state.unseenDocument !== undefined && state.unseenDocument.untilMs <= dueMs) state.unseenDocument = undefined
    settlePhase(state, dueMs)
  }
  return noOutputs
}

/** The input alone, whatever is due. */
export function applyQuiet(state: QuietState, input: QuietInput): QuietStep['refused'] {
  if (input.kind === 'dom_content_loaded' && state.phase.at === 'nowhere') return 'no_navigation'
  apply(state, input)
  settlePhase(state, input.atMs)
  return undefined
}

/** The requests that are open and not waited for at `atMs`. */
export function ignoredRequests(state: QuietState, atMs: number): IgnoredRequest[] {
  return listIgnored(state.requests, atMs)
}

/** When something is due next. */
export function quietDueMs(state: QuietState): number | undefined {
  if (state.phase.at === 'quieting') return state.phase.sinceMs + limits.settleQuietMs
  if (state.phase.at !== 'busy') return undefined
  const ignoreMs = nextIgnoreMs(state.requests)
  const unseenMs = state.unseenDocument?.untilMs
  if (ignoreMs === undefined || unseenMs === undefined) return ignoreMs ?? unseenMs
  return Math.min(ignoreMs, unseenMs)
}

function becomeIdle(state: QuietState, atMs: number): IdleOutput {
  state.phase = { at: 'idle' }
  const { navSeq, lateAttach } = state
  return { kind: 'idle', atMs, navSeq, idleSeq: state.nextIdleSeq++, lateAttach, ignored: ignoredRequests(state, atMs) }
}

// Moves between busy, quieting and idle by what is in flight now.
function settlePhase(state: QuietState, atMs: number): void {
  if (state.phase.at === 'nowhere') return
  const isBusy = state.requests.inFlight.size > 0 || state.unseenDocument !== undefined
  if (isBusy) {
    if (state.phase.at !== 'busy') state.phase = { at: 'busy' }
  } else if (state.phase.at === 'busy') state.phase = { at: 'quieting', sinceMs: atMs }
}

function apply(state: QuietState, input: QuietInput): void {
  switch (input.kind) {
    case 'navigated':
      begin(state, input)
      break
    case 'attached_late':
      beginLate(state, input)
      break
    case 'request_started':
      start(state, input)
      break
    case 'headers_received':
      if (input.expectedBytes !== undefined) expectBytes(state.requests, input.key, input.expectedBytes)
      break
    case 'bytes_received':
      if (input.encodedBytes !== undefined) receiveBytes(state.requests, input.key, input.encodedBytes)
      break
    case 'request_ended':
      end(state, input.key)
      break
    case 'request_moved':
      move(state, input.fromKey, input.toKey)
      break
    case 'session_gone':
      for (const key of input.keys) end(state, key)
      break
    case 'dom_content_loaded':
      // A parsed document has been received to its end.
      state.unseenDocument = undefined
      break
    case 'cancel':
      Object.assign(state, createQuietState())
      break
    case 'wake':
      break
    default:
      input satisfies never
  }
}

function begin(state: QuietState, input: Navigated): void {
  const { documentRequestKey: key, loaderId } = input
  keepRequests(state.requests, (request) => request.key === key || (loaderId !== undefined && request.loaderId === loaderId))
  // Before a navigation nobody asks how old requests are.
  ignoreOld(state.requests, input.atMs)
  state.phase = { at: 'busy' }
  state.navSeq = input.navSeq
  state.lateAttach = false
  state.nextIdleSeq = 1
  waitForDocument(state, input.navigationType === 'bfcache_restore' ? undefined : key, input.atMs)
}

// What was in flight before capture is unknown, so quiet is measured from now on; a document still loading is waited for.
function beginLate(state: QuietState, input: AttachedLate): void {
  ignoreOld(state.requests, input.atMs)
  state.phase = { at: 'busy' }
  state.navSeq = input.navSeq
  state.lateAttach = true
  state.nextIdleSeq = 1
  state.unseenDocument = undefined
  if (input.readyState !== 'loading') return
  const untilMs = Math.max(input.atMs, (input.committedAtMs ?? input.atMs) + limits.settleRequestAgeMs)
  state.unseenDocument = { key: input.documentRequestKey, untilMs }
}

function waitForDocument(state: QuietState, key: string | undefined, atMs: number): void {
  const isSeen = key === undefined || state.requests.inFlight.has(key) || state.requests.ignored.has(key) || state.seenDocuments.has(key)
  state.unseenDocument = isSeen ? undefined : { key, untilMs: atMs + limits.settleRequestAgeMs }
  state.seenDocuments.clear()
}

function start(state: QuietState, input: RequestStarted): void {
  if (input.isDocument === true) rememberDocument(state, input.key)
  if (state.unseenDocument?.key === input.key) state.unseenDocument = undefined
  if (input.counted === false || !countsForIdle(input)) return
  const { key, url, resourceType, loaderId, atMs: startedAtMs } = input
  addRequest(state.requests, { key, url, resourceType, loaderId, startedAtMs })
}

function end(state: QuietState, key: string): void {
  endRequest(state.requests, key)
  if (state.unseenDocument?.key === key) state.unseenDocument = undefined
}

function move(state: QuietState, fromKey: string, toKey: string): void {
  moveRequest(state.requests, fromKey, toKey)
  if (state.seenDocuments.has(fromKey)) rememberDocument(state, toKey)
  if (state.unseenDocument?.key === fromKey) state.unseenDocument.key = toKey
}

function rememberDocument(state: QuietState, key: string): void {
  state.seenDocuments.add(key)
  for (const oldest of state.seenDocuments) {
    if (state.seenDocuments.size <= rememberedDocuments) break
    state.seenDocuments.delete(oldest)
  }
}
