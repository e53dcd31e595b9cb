// Everything that translators keep about one captured CDP session. It dies with the session.
import type { CdpSession } from '@tabscope/cdp'
import { type BrowserContext, type Source, type TargetType, targetTypes } from '@tabscope/schema'
import type { CapturePlan, Domain } from './capture.ts'
import { createInteractionState, type InteractionState, type PageScriptNames } from './interaction/interaction-state.ts'
import { createLookBack, type LookBack, mayHaveMissed } from './network/look-back-state.ts'
import { createNetworkState, type NetworkState, type SharedNetwork } from './network/network-state.ts'
import type { Frame, Tab } from './tabs/tab.ts'
import type { ReplayKind, TargetMemory } from './tabs/tab-memory.ts'
import { cutUrl } from './text-cut.ts'

/** A history that is being told. */
export interface Replay {
  /** The highest timestamp that was published before. */
  readonly mark: number
  count: number
  /** Whether it reaches back to something that was published. */
  isJoined: boolean
}

/** A socket that is open, from its creation. */
export interface OpenSocket {
  readonly url: string
  readonly navSeq: number | undefined
  sent: number
  received: number
  errorText: string | undefined
}

/** A download under way. */
export interface OpenDownload {
  readonly url: string
  readonly suggestedFilename: string
}

export interface SessionScope {
  readonly session: CdpSession
  readonly targetType: TargetType
  /** The tab whose page, frame or worker this is; undefined for shared and service workers. */
  readonly tab: Tab | undefined
  /** The tab's target, when it is another than this session's own. */
  readonly pageTargetId: string | undefined
  /** The scope that this session was reached through, for requests that start there and end here. */
  readonly parent: SessionScope | undefined
  readonly memory: TargetMemory
  network: NetworkState
  /** Kinds whose history Chromium is telling right now (between an enabling command and its answer). */
  readonly replaying: Map<ReplayKind, Replay>
  /** Domains that are being switched off: the latest command without an answer, by domain. */
  readonly disabling: Map<Domain, Disabling>
  /** Open WebSockets by request id. */
  readonly sockets: Map<string, OpenSocket>
  /** Downloads under way by their guid. */
  readonly downloads: Map<string, OpenDownload>
  /** How many dialogs are open: until they are answered, the renderer answers nothing else. */
  openDialogs: number
  /** The page script of this session. */
  readonly interaction: InteractionState
  /** Which frame an execution context belongs to. */
  readonly contextFrames: Map<number, string>
  /** The root frame of an out-of-process iframe; for a page it is the tab's main frame. */
  rootFrame: Frame | undefined
  /** Worker and late targets: the URL that the target itself reported. */
  url: string | undefined
  /** Of a page, where the browser says that it navigated to: no URL that a script gave its document. */
  navigatedUrl: string
  plan: CapturePlan
  /** Set while Chromium tells the life cycle of a document that was there before its session. */
  late: LateDocument | undefined
  /** Set until it is certain that nothing of the session's first document was missed. */
  lookBack: LookBack | undefined
  /** `source.metadata`, made once; events share it and nobody writes to it. */
  readonly metadata: Readonly<Record<string, string>>
}

/** A command that switches a domain off and has no answer yet. */
export interface Disabling {
  /** What happens at its answer, when the domain was switched on again meanwhile. */
  next: (() => void) | undefined
}

/** What is learned of a document that loaded (in part) before capture could see it. Times are Chromium's monotonic seconds. */
export interface LateDocument {
  readonly frameId: string
  domContentLoadedAtS: number | undefined
  loadAtS: number | undefined
  /** Whether its navigation, too, is told: a tab that was open before capture had it before the story began. */
  readonly isNews: boolean
  /** It may be the empty document that a tab begins with, written by its opener: nobody navigated there, and nothing is told then. */
  isDoubtful: boolean
  /** Chromium has told its life cycle. */
  isTold: boolean
}

export interface ScopeOptions {
  readonly session: CdpSession
  readonly tab: Tab | undefined
  readonly parent: SessionScope | undefined
  readonly memory: TargetMemory
  readonly plan: CapturePlan
  readonly shared: SharedNetwork
  readonly names: PageScriptNames
}

export function createSessionScope(options: ScopeOptions): SessionScope {
  const { session, shared, names, ...rest } = options
  const targetType = parseTargetType(session.targetType)
  return {
    ...rest,
    session,
    targetType,
    pageTargetId: options.tab === undefined || options.tab.targetId === session.targetId ? undefined : options.tab.targetId,
    network: createNetworkState(shared),
    replaying: new Map(),
    disabling: new Map(),
    sockets: new Map(),
    downloads: new Map(),
    openDialogs: 0,
    interaction: createInteractionState(names),
    contextFrames: new Map(),
    late: undefined,
    lookBack: mayHaveMissed(options) ? createLookBack() : undefined,
    rootFrame: undefined,
    url: session.url === '' ? undefined : cutUrl(session.url).text,
    navigatedUrl: session.url,
    metadata: Object.freeze({
      telemetry_session_id: options.plan.captureSessionId,
      cdp_session_id: session.sessionId,
      target_id: session.targetId,
      target_type: targetType,
    }),
  }
}

/** The contract's name for a target type; kinds that it does not know are `other`. */
export function parseTargetType(type: string): TargetType {
  return targetTypes.find((known) => known === type) ?? 'other'
}

/** The source of an event that came from this session; computed events have no `event`. */
export function sourceOf(scope: SessionScope, event?: string): Source {
  return event === undefined ? { kind: 'cdp', metadata: scope.metadata } : { kind: 'cdp', event, metadata: scope.metadata }
}

/** Which target and tab an event of this session belongs to, without any document. Fields of which nothing is known are undefined. */
export function targetContext(scope: SessionScope): BrowserContext {
  return {
    session_id: scope.session.sessionId,
    target_id: scope.session.targetId,
    target_type: scope.targetType,
    page_target_id: scope.pageTargetId,
    nav_seq: scope.tab?.navSeq,
  }
}

/** The whole context of an event: target, tab, and the document of `frame` (by default the session's own root document). */
export function documentContext(scope: SessionScope, frame: Frame | undefined = rootFrameOf(scope)): BrowserContext {
  return {
    session_id: scope.session.sessionId,
    target_id: scope.session.targetId,
    target_type: scope.targetType,
    page_target_id: scope.pageTargetId,
    frame_id: frame?.frameId,
    loader_id: frame?.loaderId,
    url: frame?.url ?? scope.url,
    nav_seq: scope.tab?.navSeq,
  }
}

/** The document that a session is about: the tab's main frame for a page, the iframe's own root for an out-of-process iframe. */
export function rootFrameOf(scope: SessionScope): Frame | undefined {
  return scope.targetType === 'page' ? (scope.tab?.mainFrame ?? scope.rootFrame) : scope.rootFrame
}
