// What a session is asked when it begins, and when the configuration changes: domains on, domains off, and what was there before.
// Only says what to ask; the order is the order in which it is written to the socket.
import type { Protocol } from 'devtools-protocol'
import { type Domain, domainsFor } from './capture.ts'
import { interactionBegins, interactionChanges, interactionEnds } from './interaction/setup.ts'
import { workerSeen } from './network/endings.ts'
import { postDataLimit } from './network/request-draft.ts'
import { historyBegins, historyEnds } from './replay.ts'
import type { Disabling, SessionScope } from './session-scope.ts'
import type { ReplayKind } from './tabs/tab-memory.ts'
import type { Question } from './translator.ts'
import { frameTreeAnswered, lifecycleAnswered } from './translators/late-document.ts'

const histories: Partial<Record<Domain, readonly ReplayKind[]>> = {
  Runtime: ['console', 'exception'],
  Log: ['log'],
  PerformanceTimeline: ['timeline'],
}

/** Every question of a new session, domains first. */
export function setUpQuestions(scope: SessionScope): readonly Question[] {
  return domainsFor(scope.plan, scope.targetType).flatMap((domain) => enable(scope, domain))
}

/** What to ask when the plan of a live session changes from `before` to `scope.plan`. */
export function changeQuestions(scope: SessionScope, before: { domains: readonly Domain[]; settles: boolean }): readonly Question[] {
  const after = domainsFor(scope.plan, scope.targetType)
  const removed = before.domains.filter((domain) => !after.includes(domain)).flatMap((domain) => disable(scope, domain))
  const added = after.filter((domain) => !before.domains.includes(domain)).flatMap((domain) => enable(scope, domain))
  const isKept = (domain: Domain): boolean => before.domains.includes(domain) && after.includes(domain)
  // How much post data Chromium includes follows the detail level, and so does what the page script tells.
  const refreshed = [
    ...(isKept('Network') ? enable(scope, 'Network') : []),
    ...(isKept('Interaction') ? interactionChanges(scope, before.domains.includes('Runtime')) : []),
  ]
  const looksBack = scope.plan.settles && !before.settles && before.domains.includes('Page') && scope.targetType === 'page'
  return [...removed, ...refreshed, ...added, ...(looksBack ? lookBack(scope) : [])]
}

function enable(scope: SessionScope, domain: Domain): Question[] {
  if (domain === 'Interaction') return interactionBegins(scope)
  const kinds = histories[domain] ?? []
  afterDisabling(scope, domain, () => historyBegins(scope, kinds))
  const question: Question = {
    method: `${domain}.enable`,
    ...enableParams(scope, domain),
    answered: (_answer, stamp) => {
      const told = historyEnds(scope, kinds)
      return domain === 'Network' && isWorker(scope) ? workerSeen(scope, stamp) : told
    },
  }
  return domain === 'Page' ? [question, ...lookBack(scope)] : [question]
}

function isWorker(scope: SessionScope): boolean {
  return scope.targetType === 'worker' || scope.targetType === 'shared_worker'
}

function enableParams(scope: SessionScope, domain: Domain): { params?: object } {
  if (domain === 'Network') return { params: { maxPostDataSize: postDataLimit(scope) } satisfies Protocol.Network.EnableRequest }
  if (domain === 'PerformanceTimeline') return { params: { eventTypes: ['layout-shift', 'largest-contentful-paint'] } }
  return {}
}

function disable(scope: SessionScope, domain: Domain): Question[] {
  if (domain === 'Interaction') return interactionEnds(scope)
  const disabling: Disabling = { next: undefined }
  scope.disabling.set(domain, disabling)
  const answered = (): undefined => {
    if (scope.disabling.get(domain) === disabling) scope.disabling.delete(domain)
    disabling.next?.()
  }
  // This domain has no `disable`; an empty list is the same. https://chromedevtools.github.io/devtools-protocol/tot/PerformanceTimeline/
  if (domain === 'PerformanceTimeline') return [{ method: 'PerformanceTimeline.enable', params: { eventTypes: [] }, answered }]
  return [{ method: `${domain}.disable`, answered }]
}

// While the command that switches a domain off is on its way its messages are still live ones, also when the domain is on again already.
function afterDisabling(scope: SessionScope, domain: Domain, run: () => void): void {
  const disabling = scope.disabling.get(domain)
  if (disabling === undefined) run()
  else disabling.next = run
}

// The frames that exist, and for a tab what its document has behind it: enabling life-cycle events makes Chromium tell those of the current
// documents before it answers. They stay on, because a renderer hands over what it has to tell at each of them, and else only when its task
// is over: a document that is left in the task of its load would lose both its milestones (docs/decisions/0003).
function lookBack(scope: SessionScope): Question[] {
  const frameTree: Question = {
    method: 'Page.getFrameTree',
    answered: (answer) =>
      answer.ok ? frameTreeAnswered(scope, (answer.result as Protocol.Page.GetFrameTreeResponse).frameTree) : undefined,
  }
  if (scope.targetType !== 'page') return [frameTree]
  const lifeCycle: Question = {
    method: 'Page.setLifecycleEventsEnabled',
    params: { enabled: true },
    answered: (_answer, stamp) => lifecycleAnswered(scope, stamp),
  }
  return [frameTree, lifeCycle]
}
