// Carries out steps: takes the messages of every captured session to its translator, publishes the drafts that come back, tells the
// tabs, asks the questions. One monitor a connection. It decides nothing about events itself and never waits.
import type { AttachHandlers, CdpMessage, CdpSession, Command, SeenTarget } from '@tabscope/cdp'
import { type Clock, type EventDraft, limits, type Publish } from '@tabscope/schema'
import { createAlarm } from './alarm.ts'
import { type CapturePlan, type Domain, domainsFor } from './capture.ts'
import { closeRequests, sweepRequests } from './network/endings.ts'
import { createSharedNetwork, forgetRequests } from './network/network-state.ts'
import { moveAllRequests } from './network/open-requests.ts'
import { createQuestionQueue } from './question-queue.ts'
import { createSessionScope, parseTargetType, type SessionScope } from './session-scope.ts'
import { changeQuestions, setUpQuestions } from './setup.ts'
import type { Tab } from './tabs/tab.ts'
import type { TabMemory } from './tabs/tab-memory.ts'
import { createTabs } from './tabs/tabs.ts'
import type { Answer, Handler, Question, Stamp, Step } from './translator.ts'
import { translators } from './translators/index.ts'
import { tabClosedDraft, tabOpenedDraft } from './translators/target.ts'

/** What could be captured less well than asked for, for the log and `monitor_degraded`. */
export interface MonitorWarning {
  readonly what: string
  readonly method?: string
  readonly message?: string
}

export interface SessionMonitorOptions {
  readonly clock: Clock
  readonly publish: Publish
  readonly plan: CapturePlan
  readonly memory: TabMemory
  readonly warn: (warning: MonitorWarning) => void
  readonly ready: () => void
}

export interface SessionMonitor {
  readonly handlers: AttachHandlers
  /** Captures by another plan from now on: domains go on and off on every live session. */
  change(plan: CapturePlan): void
  /** Closes everything that is open, each request with an event of this text. Nothing is published afterwards. */
  end(errorText: string): void
  readonly sessionCount: () => number
}

interface State {
  readonly options: SessionMonitorOptions
  readonly scopes: Map<string, SessionScope>
  plan: CapturePlan
  isEnded: boolean
}

const handlerOf = new Map<string, Handler>(Object.values(translators).flatMap((table) => Object.entries(table) as [string, Handler][]))

/** The methods that translators understand and the plan needs; the connection drops all others unparsed. */
export function wantedMethods(plan: CapturePlan): ReadonlySet<string> {
  const wanted = new Set<string>()
  for (const domain of plan.domains) for (const method of Object.keys(translators[domain])) wanted.add(method)
  if (!plan.atLeast('network', 'standard')) {
    wanted.delete('Network.requestWillBeSentExtraInfo')
    wanted.delete('Network.responseReceivedExtraInfo')
  }
  return wanted
}

export function createSessionMonitor(options: SessionMonitorOptions): SessionMonitor {
  const { clock, memory } = options
  const state: State = { options, scopes: new Map(), plan: options.plan, isEnded: false }
  const queue = createQuestionQueue()
  const shared = createSharedNetwork()
  const publish = (draft: EventDraft | undefined): void => {
    if (draft !== undefined && !state.isEnded) options.publish(draft)
  }
  const tabs = createTabs(clock, publish)
  const now = (): Stamp => ({ atUs: clock.wallUs(), atMs: clock.monotonicMs() })

  const perform = (scope: SessionScope, step: Step | undefined): void => {
    if (step === undefined) return
    for (const draft of step.drafts ?? []) publish(draft)
    for (const { tab, input } of step.signals ?? []) tabs.signal(tab, input)
    for (const question of step.questions ?? []) ask(scope, question)
    sweepLater()
  }
  const commandOf = (scope: SessionScope, question: Question, done?: (answer: Answer, stamp: Stamp) => void): Command => ({
    method: question.method,
    ...(question.params === undefined ? {} : { params: question.params }),
    ...(question.timeoutMs === undefined ? {} : { timeoutMs: question.timeoutMs }),
    done: (answer, atUs, atMs) => {
      const stamp = { atUs, atMs }
      if (done !== undefined) done(answer, stamp)
      else perform(scope, question.answered(answer, stamp))
    },
  })
  const ask = (scope: SessionScope, question: Question): void => {
    if (question.expectedBytes === undefined) {
      return scope.session.post(
        commandOf(scope, question, (answer, stamp) => {
          if (!answer.ok && answer.code !== 'closed') warnOf(options, question, answer.message)
          perform(scope, question.answered(answer, stamp))
        }),
      )
    }
    queue.ask(question, (next, answered) => scope.session.post(commandOf(scope, next, answered)), {
      answered: (answer, stamp) => perform(scope, question.answered(answer, stamp)),
      now,
    })
  }
  // Responses and requests that say nothing for too long are found by looking now and then, while any is open.
  const sweep = createAlarm(clock, () => {
    for (const scope of state.scopes.values()) perform(scope, sweepRequests(scope, now()))
    isSweeping = false
    sweepLater()
  })
  let isSweeping = false
  const sweepLater = (): void => {
    if (isSweeping || state.isEnded || ![...state.scopes.values()].some((scope) => scope.network.open.size > 0)) return
    isSweeping = true
    sweep.setAt(clock.monotonicMs() + limits.requestSweepMs)
  }

  const tabOf = (session: CdpSession): Tab | undefined => {
    if (session.page === undefined) return undefined
    const { targetId, existing } = session.page
    return tabs.find(targetId) ?? tabs.open(targetId, memory.of(targetId).navSeq ?? (existing ? 1 : 0))
  }
  const sessionStarted = (session: CdpSession): readonly Command[] => {
    const parent = session.parent === undefined ? undefined : state.scopes.get(session.parent.sessionId)
    const scope = createSessionScope({
      session,
      tab: tabOf(session),
      parent,
      memory: memory.of(session.targetId),
      plan: state.plan,
      shared,
    })
    state.scopes.set(session.sessionId, scope)
    if (scope.tab !== undefined && scope.targetType === 'page') tabs.bind(scope.tab, scope)
    const replaced = session.replaces === undefined ? undefined : state.scopes.get(session.replaces.sessionId)
    if (replaced !== undefined) moveAllRequests(replaced, scope)
    return setUpQuestions(scope).map((question) => commandOf(scope, question))
  }
  const sessionEnded = (session: CdpSession): void => {
    const scope = state.scopes.get(session.sessionId)
    if (scope === undefined) return
    perform(scope, closeRequests(scope, 'target_closed', now()))
    state.scopes.delete(session.sessionId)
    const { tab } = scope
    if (tab === undefined || scope.targetType !== 'page') return
    tabs.unbind(tab, scope)
  }
  const targetGone = (target: SeenTarget): void => {
    publish(tabClosedDraft(state.plan, target, tabs.find(target.targetId)?.navSeq ?? memory.of(target.targetId).navSeq))
    tabs.close(target.targetId)
    memory.forget(target.targetId)
  }
  const message = (session: CdpSession, received: CdpMessage): void => {
    const scope = state.scopes.get(session.sessionId)
    const handler = handlerOf.get(received.method)
    if (scope === undefined || handler === undefined) return
    perform(scope, handler(scope, received.params as never, { atUs: received.receivedAtUs, atMs: received.receivedAtMs }))
  }

  return {
    handlers: {
      sessionStarted,
      sessionEnded,
      targetSeen: (target, how) => publish(tabOpenedDraft(state.plan, target, how.existing)),
      targetChanged: (target) => targetChanged(state, target),
      targetGone,
      message,
      warning: options.warn,
      ready: options.ready,
    },
    change: (plan) => {
      const before = new Map<SessionScope, { domains: readonly Domain[]; settles: boolean }>()
      for (const scope of state.scopes.values()) {
        before.set(scope, { domains: domainsFor(scope.plan, scope.targetType), settles: scope.plan.settles })
        scope.plan = plan
        // What was asked for under the old plan is dropped when it comes: its requests are not known any more.
        if (!plan.domains.has('Network')) forgetRequests(scope)
        if (!plan.settles && scope.tab !== undefined) tabs.stopSettling(scope.tab)
      }
      state.plan = plan
      for (const [scope, was] of before) for (const question of changeQuestions(scope, was)) ask(scope, question)
    },
    end: (errorText) => {
      for (const scope of [...state.scopes.values()]) perform(scope, closeRequests(scope, errorText, now()))
      state.isEnded = true
      state.scopes.clear()
      tabs.closeAll()
      sweep.cancel()
    },
    sessionCount: () => state.scopes.size,
  }
}

function warnOf(options: SessionMonitorOptions, question: Question, message: string): void {
  options.warn({ what: 'command_failed', method: question.method, message })
}

// A worker's only document is its target's URL; a page's comes from its frames.
function targetChanged(state: State, target: SeenTarget): void {
  if (parseTargetType(target.type) === 'page' || target.url === '') return
  for (const scope of state.scopes.values()) if (scope.session.targetId === target.targetId) scope.url = target.url
}
