// One connection's captured sessions: takes each message to its translator and each session through its life.
// What translators answer is carried out by performer.ts.
import type { AttachHandlers, CdpMessage, CdpSession, Command, SeenTarget } from '@tabscope/cdp'
import { type Clock, type HeldPart, limits, type Publish } from '@tabscope/schema'
import { type CapturePlan, domainsFor } from './capture.ts'
import { heldByMonitor } from './held.ts'
import type { PageScriptNames } from './interaction/interaction-state.ts'
import { interactionEnds } from './interaction/setup.ts'
import type { MonitorWarning } from './monitor-warning.ts'
import { closeRequests, relieveRequests } from './network/endings.ts'
import { createSharedNetwork, dropAnswers, forgetRequests, muteRequests, type SharedNetwork } from './network/network-state.ts'
import { moveAllRequests, moveDocuments } from './network/open-requests.ts'
import { isWanted } from './network/record.ts'
import { createPerformer, type Performer } from './performer.ts'
import { withCdp } from './raw-cdp.ts'
import type { GrabDisplay } from './screenshot/display-camera.ts'
import { createSessionScope, parseTargetType, type SessionScope } from './session-scope.ts'
import { changeQuestions, setUpQuestions } from './setup.ts'
import type { Tab } from './tabs/tab.ts'
import type { TabMemory } from './tabs/tab-memory.ts'
import { cutUrl } from './text-cut.ts'
import type { Handler } from './translator.ts'
import { translators } from './translators/index.ts'
import { isBlank } from './translators/page-drafts.ts'
import { tabClosedDraft, tabOpenedDraft } from './translators/target.ts'

export interface SessionMonitorOptions {
  readonly clock: Clock
  readonly publish: Publish
  readonly plan: CapturePlan
  readonly memory: TabMemory
  readonly warn: (warning: MonitorWarning) => void
  /** Takes a picture of the browser's display, when that is ours. */
  readonly grabDisplay?: GrabDisplay | undefined
  /** A name that no page can guess, another one each time. */
  readonly randomName: () => string
  readonly ready: () => void
}

export interface SessionMonitor {
  readonly handlers: AttachHandlers
  /** Captures by another plan from now on: domains go on and off on every live session. */
  change(plan: CapturePlan): void
  /** Asks Chromium to take out of the pages what was put into them; only useful before a connection ends in good order. */
  leavePages(): void
  /** Closes everything that is open, each request with an event of this text. Nothing is published afterwards. */
  end(errorText: string): void
  sessionCount(): number
  /** What is kept in memory, beside its bounds; of the commands only their owner knows. */
  held(commands: number): HeldPart[]
}

interface State {
  readonly options: SessionMonitorOptions
  readonly scopes: Map<string, SessionScope>
  readonly shared: SharedNetwork
  readonly performer: Performer
  readonly names: PageScriptNames
  plan: CapturePlan
}

const handlerOf = new Map<string, Handler>(Object.values(translators).flatMap((table) => Object.entries(table) as [string, Handler][]))

export function createSessionMonitor(options: SessionMonitorOptions): SessionMonitor {
  const scopes = new Map<string, SessionScope>()
  const performer = createPerformer({ ...options, scopes: () => scopes.values() })
  const names = { world: options.randomName(), binding: options.randomName(), stopEvent: options.memory.stopEvent }
  const state: State = { options, scopes, shared: createSharedNetwork(), performer, names, plan: options.plan }
  return {
    handlers: {
      sessionStarted: (session) => sessionStarted(state, session),
      sessionEnded: (session) => sessionEnded(state, session),
      targetSeen: (target, how) => performer.publish(tabOpenedDraft(state.plan, target, how.existing)),
      targetChanged: (target) => targetChanged(state, target),
      targetGone: (target) => targetGone(state, target),
      message: (session, message) => receive(state, session, message),
      warning: options.warn,
      ready: options.ready,
    },
    change: (plan) => change(state, plan),
    leavePages: () => leavePages(state),
    end: (errorText) => {
      for (const scope of [...scopes.values()]) {
        performer.abandon(scope)
        performer.perform(scope, closeRequests(scope, errorText, performer.now()))
      }
      performer.end()
      scopes.clear()
    },
    sessionCount: () => scopes.size,
    held: (commands) => heldByMonitor({ scopes, shared: state.shared, questions: performer.questions, commands }),
  }
}

function receive(state: State, session: CdpSession, message: CdpMessage): void {
  const scope = state.scopes.get(session.sessionId)
  const handler = handlerOf.get(message.method)
  if (scope === undefined || handler === undefined) return
  const stamp = { atUs: message.receivedAtUs, atMs: message.receivedAtMs }
  if (message.method === 'Inspector.targetCrashed') state.performer.abandon(scope)
  if (message.method === 'Page.javascriptDialogOpening') state.performer.dialogOpened(scope)
  try {
    const step = handler(scope, message.params as never, stamp)
    state.performer.perform(scope, scope.plan.capturesCdp ? withCdp(scope.plan, step, message) : step)
    const relief = state.shared.held.open > limits.openRequestsBytes ? relieveRequests(state.scopes.values(), stamp) : undefined
    if (relief !== undefined) state.performer.perform(relief.scope, relief.step)
  } catch (error) {
    // A message of a shape that we did not expect costs its own event and is counted; the others go on.
    state.options.warn({
      what: 'translator_failed',
      method: message.method,
      message: error instanceof Error ? error.message : String(error),
    })
  }
}

function sessionStarted(state: State, session: CdpSession): readonly Command[] {
  const { scopes, performer, shared, names, plan } = state
  const parent = session.parent === undefined ? undefined : scopes.get(session.parent.sessionId)
  const memory = state.options.memory.of(session.targetId)
  const scope = createSessionScope({ session, tab: tabOf(state, session), parent, memory, plan, shared, names })
  scopes.set(session.sessionId, scope)
  if (scope.tab !== undefined && scope.targetType === 'page') performer.tabs.bind(scope.tab, scope)
  const replaced = session.replaces === undefined ? undefined : scopes.get(session.replaces.sessionId)
  if (replaced !== undefined) moveAllRequests(replaced, scope)
  return setUpQuestions(scope).map((question) => performer.commandOf(scope, question))
}

// A tab that was there has made at least the navigation to where it is; a new one, and one that shows nothing yet, none.
function tabOf(state: State, session: CdpSession): Tab | undefined {
  if (session.page === undefined) return undefined
  const { targetId, existing, url } = session.page
  const { tabs } = state.performer
  return tabs.find(targetId) ?? tabs.open(targetId, state.options.memory.of(targetId).navSeq ?? (existing && !isBlank(url) ? 1 : 0))
}

function sessionEnded(state: State, session: CdpSession): void {
  const { scopes, performer } = state
  const scope = scopes.get(session.sessionId)
  if (scope === undefined) return
  performer.abandon(scope)
  if (isSwapped(scope) && scope.parent !== undefined) moveDocuments(scope, scope.parent)
  performer.perform(scope, closeRequests(scope, 'target_closed', performer.now()))
  scopes.delete(session.sessionId)
  if (scope.tab !== undefined && scope.targetType === 'page') performer.tabs.unbind(scope.tab, scope)
}

// The frame goes on in another process; one that was removed is forgotten by its tab first.
function isSwapped({ targetType, tab, session }: SessionScope): boolean {
  return targetType === 'iframe' && tab?.frames.has(session.targetId) === true
}

function targetGone(state: State, target: SeenTarget): void {
  const { performer, options } = state
  const navSeq = performer.tabs.find(target.targetId)?.navSeq ?? options.memory.of(target.targetId).navSeq
  performer.publish(tabClosedDraft(state.plan, target, navSeq))
  performer.tabs.close(target.targetId)
  options.memory.forget(target.targetId)
}

// A worker's only document is its target's URL; a page's comes from its frames.
function targetChanged(state: State, target: SeenTarget): void {
  const isPage = parseTargetType(target.type) === 'page'
  for (const scope of state.scopes.values()) {
    if (scope.session.targetId !== target.targetId) continue
    if (isPage) scope.navigatedUrl = target.url
    else if (target.url !== '') scope.url = cutUrl(target.url).text
  }
}

function leavePages({ scopes }: State): void {
  for (const scope of scopes.values()) {
    if (!domainsFor(scope.plan, scope.targetType).includes('Interaction')) continue
    for (const { method, params = {} } of interactionEnds(scope)) scope.session.post({ method, params })
  }
}

function change(state: State, plan: CapturePlan): void {
  const { scopes, performer } = state
  state.plan = plan
  for (const scope of scopes.values()) {
    const before = { domains: domainsFor(scope.plan, scope.targetType), settles: scope.plan.settles }
    scope.plan = plan
    // Answers to what was asked under the old plan find nothing to belong to.
    if (!plan.domains.has('Network')) forgetRequests(scope)
    else muteRequests(scope, (record) => isWanted(scope, record.url, record.resourceType))
    if (!plan.config.network.enabled) dropAnswers(scope)
    if (!plan.settles && scope.tab !== undefined) performer.tabs.stopSettling(scope.tab)
    for (const question of changeQuestions(scope, before)) performer.ask(scope, question)
  }
}
