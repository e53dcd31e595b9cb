// The tabs of one connection: made when their page is attached, gone when their target is. Runs their settling machines.
import type { Clock, EventDraft } from '@tabscope/schema'
import { type Alarm, createAlarm } from '../alarm.ts'
import { createSettleState, type SettleInput, stepSettle } from '../machines/settle.ts'
import type { SessionScope } from '../session-scope.ts'
import { settleDraft } from '../settle-drafts.ts'
import { createTab, type Tab } from './tab.ts'

interface OpenTab {
  readonly tab: Tab
  /** The session of the tab's page; computed events carry its context. */
  scope: SessionScope | undefined
  readonly alarm: Alarm
}

export interface Tabs {
  /** The tab of a page target, made if it is new. `navSeq` is what its count starts from. */
  open(targetId: string, navSeq: number): Tab
  find(targetId: string): Tab | undefined
  /** Says which session is the page of the tab now. */
  bind(tab: Tab, scope: SessionScope): void
  /** The session of the tab's page, while it has one. */
  pageOf(tab: Tab): SessionScope | undefined
  /** Says that this session is the tab's page no more, and cancels what the tab waited for; nothing when another took its place. */
  unbind(tab: Tab, scope: SessionScope): void
  /** Tells the tab's settling; events come out through `publish`. Without a page session nothing settles. */
  signal(tab: Tab, input: SettleInput): void
  /** Forgets what the tab waited for, when settling is not wanted any more. */
  stopSettling(tab: Tab): void
  close(targetId: string): void
  closeAll(): void
}

export function createTabs(clock: Clock, publish: (scope: SessionScope, draft: EventDraft) => void): Tabs {
  const open = new Map<string, OpenTab>()
  const step = (entry: OpenTab, input: SettleInput): void => {
    const { tab, scope } = entry
    if (scope === undefined || !scope.plan.settles) return
    tab.settle ??= createSettleState()
    const result = stepSettle(tab.settle, input)
    for (const output of result.outputs) {
      const draft = settleDraft(scope, output)
      if (draft !== undefined) publish(scope, draft)
    }
    entry.alarm.setAt(result.wakeAtMs)
  }
  const close = (targetId: string): void => {
    open.get(targetId)?.alarm.cancel()
    open.delete(targetId)
  }
  return {
    open: (targetId, navSeq) => {
      const known = open.get(targetId)
      if (known !== undefined) return known.tab
      const entry: OpenTab = {
        tab: createTab(targetId, navSeq),
        scope: undefined,
        alarm: createAlarm(clock, (atMs) => step(entry, { kind: 'wake', atMs })),
      }
      open.set(targetId, entry)
      return entry.tab
    },
    find: (targetId) => open.get(targetId)?.tab,
    bind: (tab, scope) => {
      const entry = open.get(tab.targetId)
      if (entry !== undefined) entry.scope = scope
    },
    pageOf: (tab) => open.get(tab.targetId)?.scope,
    unbind: (tab, scope) => {
      const entry = open.get(tab.targetId)
      if (entry === undefined || entry.scope !== scope) return
      step(entry, { kind: 'cancel', atMs: clock.monotonicMs() })
      entry.scope = undefined
    },
    signal: (tab, input) => {
      const entry = open.get(tab.targetId)
      if (entry !== undefined) step(entry, input)
    },
    stopSettling: (tab) => {
      tab.settle = undefined
      open.get(tab.targetId)?.alarm.setAt(undefined)
    },
    close,
    closeAll: () => {
      for (const targetId of [...open.keys()]) close(targetId)
    },
  }
}
