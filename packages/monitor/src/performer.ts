// Carries out steps: publishes their drafts, tells the tabs, asks their questions, and looks for silence while requests are open.
// It decides nothing about events and never waits.
import type { Command } from '@tabscope/cdp'
import { type Clock, type EventDraft, limits, type Publish } from '@tabscope/schema'
import { createAlarm } from './alarm.ts'
import { markCuts } from './cut-marks.ts'
import { createCutReporter } from './cut-reporter.ts'
import type { MonitorWarning } from './monitor-warning.ts'
import { sweepRequests } from './network/endings.ts'
import { createQuestionQueue, type HeldQuestions } from './question-queue.ts'
import type { GrabDisplay } from './screenshot/display-camera.ts'
import { createScreenshots } from './screenshot/screenshots.ts'
import type { SessionScope } from './session-scope.ts'
import type { Stamp } from './stamp.ts'
import { createTabs, type Tabs } from './tabs/tabs.ts'
import type { Answer, Question, Step } from './translator.ts'

export interface PerformerOptions {
  readonly clock: Clock
  readonly publish: Publish
  readonly warn: (warning: MonitorWarning) => void
  readonly grabDisplay?: GrabDisplay | undefined
  /** The sessions that are captured now. */
  readonly scopes: () => Iterable<SessionScope>
}

export interface Performer {
  readonly tabs: Tabs
  perform(scope: SessionScope, step: Step | undefined): void
  /** The question as a command, for whoever writes it to the socket. */
  commandOf(scope: SessionScope, question: Question): Command
  ask(scope: SessionScope, question: Question): void
  /** A dialog opened: the page draws nothing until somebody answers it. */
  dialogOpened(scope: SessionScope): void
  /** Ends what is asked of a session that will not answer any more: responses are told without their bodies. */
  abandon(scope: SessionScope): void
  publish(draft: EventDraft | undefined): void
  now(): Stamp
  /** Questions for large answers that are in hand. */
  readonly questions: HeldQuestions
  /** Nothing is published and no timer is left afterwards. */
  end(): void
}

export function createPerformer(options: PerformerOptions): Performer {
  const { clock } = options
  const queue = createQuestionQueue()
  let isEnded = false
  const now = (): Stamp => ({ atUs: clock.wallUs(), atMs: clock.monotonicMs() })
  const publish = (draft: EventDraft | undefined): void => {
    if (draft !== undefined && !isEnded) options.publish(markCuts(draft))
  }
  const tabs = createTabs(clock, (scope, draft) => admit(scope, draft))
  const screenshots = createScreenshots({
    clock,
    publish,
    warn: options.warn,
    grabDisplay: options.grabDisplay,
    pageOf: (scope) => (scope.tab === undefined ? undefined : tabs.pageOf(scope.tab)),
  })
  // What only a screenshot has a use for is not published.
  const admit = (scope: SessionScope, draft: EventDraft): void => {
    if (isEnded) return
    const record = scope.plan.publishes(draft.type) || draft.category === 'monitor' ? options.publish(markCuts(draft)) : undefined
    if (scope.plan.config.screenshot.enabled) screenshots.consider(scope, draft, record?.seq)
  }
  const cuts = createCutReporter({ clock, publish })
  const sweeper = createSweeper(options, (scope, step) => perform(scope, step))
  const perform = (scope: SessionScope, step: Step | undefined): void => {
    if (step === undefined || isEnded) return
    for (const draft of step.drafts ?? []) admit(scope, draft)
    for (const { tab, input } of step.signals ?? []) tabs.signal(tab, input)
    for (const question of step.questions ?? []) ask(scope, question)
    for (const cut of step.cuts ?? []) cuts.note(cut)
    if (scope.network.open.size > 0 || scope.network.shared.awaiting.size > 0) sweeper.wind()
  }
  const commandOf = (scope: SessionScope, question: Question): Command =>
    command(question, (answer, stamp) => perform(scope, question.answered(answer, stamp)))
  const ask = (scope: SessionScope, question: Question): void => {
    const answered = (answer: Answer, stamp: Stamp): void => perform(scope, question.answered(answer, stamp))
    if (question.expectedBytes !== undefined) {
      return queue.ask(question, (next, done) => scope.session.post(command(next, done)), { owner: scope, answered, now })
    }
    scope.session.post(
      command(question, (answer, stamp) => {
        if (!answer.ok && answer.code !== 'closed' && question.mayFail !== true)
          options.warn({ what: 'command_failed', method: question.method, message: answer.message })
        answered(answer, stamp)
      }),
    )
  }
  const end = (): void => {
    cuts.end()
    isEnded = true
    screenshots.end()
    tabs.closeAll()
    sweeper.stop()
  }
  const abandon = (scope: SessionScope): void => {
    screenshots.giveUp(scope, 'the session is over')
    queue.abandon(scope, { ok: false, code: 'closed', message: 'the session is over' }, now())
  }
  const dialogOpened = (scope: SessionScope): void => screenshots.giveUp(scope, 'a dialog is open')
  return {
    tabs,
    perform,
    commandOf,
    ask,
    dialogOpened,
    abandon,
    publish,
    now,
    end,
    get questions() {
      return queue.held
    },
  }
}

function command(question: Question, answered: (answer: Answer, stamp: Stamp) => void): Command {
  const { method, params, timeoutMs } = question
  return {
    method,
    ...(params === undefined ? {} : { params }),
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
    done: (answer, atUs, atMs) => answered(answer, { atUs, atMs }),
  }
}

// Looks at the open requests now and then, as long as there are any.
function createSweeper(
  options: PerformerOptions,
  perform: (scope: SessionScope, step: Step | undefined) => void,
): { wind: () => void; stop: () => void } {
  const { clock } = options
  let isWound = false
  const wind = (): void => {
    if (isWound) return
    isWound = true
    alarm.setAt(clock.monotonicMs() + limits.requestSweepMs)
  }
  const alarm = createAlarm(clock, (atMs) => {
    isWound = false
    const stamp = { atUs: clock.wallUs(), atMs }
    for (const scope of [...options.scopes()]) {
      perform(scope, sweepRequests(scope, stamp))
      if (scope.network.open.size > 0 || scope.network.shared.awaiting.size > 0) wind()
    }
  })
  return { wind, stop: () => alarm.cancel() }
}
