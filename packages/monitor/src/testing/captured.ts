// What a monitor published, with ways to wait for it: for tests and recordings. Waiting is by event, never by time.
import {
  type AnyEnvelope,
  type Clock,
  deadline,
  type EventDraft,
  type EventRecord,
  type EventType,
  type ForeignDraft,
  type Publish,
  systemClock,
} from '@tabscope/schema'

export type AnyDraft = EventDraft | ForeignDraft

export interface Captured {
  readonly publish: Publish
  readonly drafts: readonly AnyDraft[]
  /** The events of one type, oldest first. */
  of<Type extends EventType>(type: Type): readonly EventDraft<Type>[]
  /** Resolves with the first event (past ones included) for which `matches`; rejects after `withinMs` with what came instead. */
  until<Type extends EventType>(
    type: Type,
    matches?: (data: EventDraft<Type>['data'], draft: EventDraft<Type>) => boolean,
    withinMs?: number,
  ): Promise<EventDraft<Type>>
  /** Resolves when `count` events of the type match. */
  untilCount<Type extends EventType>(
    type: Type,
    count: number,
    matches?: (data: EventDraft<Type>['data'], draft: EventDraft<Type>) => boolean,
  ): Promise<readonly EventDraft<Type>[]>
  /** Resolves when `isSo` holds; looked at after each event. `what` is said when it does not come. */
  untilSo(what: string, isSo: () => boolean, withinMs?: number): Promise<void>
}

export function createCaptured(clock: Clock = systemClock): Captured {
  const drafts: AnyDraft[] = []
  const waiting = new Set<() => void>()
  const publish: Publish = (draft) => {
    drafts.push(draft)
    for (const check of [...waiting]) check()
    return recordOf(clock, draft, drafts.length)
  }
  const of = <Type extends EventType>(type: Type): readonly EventDraft<Type>[] =>
    drafts.filter((draft): draft is EventDraft<Type> => draft.type === type)
  const waitFor = <Result>(what: string, find: () => Result | undefined, withinMs: number): Promise<Result> =>
    new Promise((resolve, reject) => {
      const limit = deadline(systemClock, withinMs)
      const check = (): void => {
        const found = find()
        if (found === undefined) return
        waiting.delete(check)
        limit.cancel()
        resolve(found)
      }
      limit.signal.addEventListener('abort', () => {
        waiting.delete(check)
        reject(new Error(`no ${what} within ${withinMs} ms; came:\n${drafts.map(describe).join('\n')}`))
      })
      waiting.add(check)
      check()
    })
  return {
    publish,
    drafts,
    of,
    until: (type, matches = () => true, withinMs = 20_000) =>
      waitFor(type, () => of(type).find((draft) => matches(draft.data, draft)), withinMs),
    untilCount: (type, count, matches = () => true) =>
      waitFor(
        `${count} × ${type}`,
        () => {
          const found = of(type).filter((draft) => matches(draft.data, draft))
          return found.length >= count ? found : undefined
        },
        20_000,
      ),
    untilSo: async (what, isSo, withinMs = 20_000) => {
      await waitFor(what, () => (isSo() ? true : undefined), withinMs)
    },
  }
}

function describe(draft: AnyDraft): string {
  const data = draft.data as Record<string, unknown> | undefined
  return `  ${draft.type} ${String(data?.['url'] ?? '')} ${String(data?.['text'] ?? '')}`.slice(0, 160)
}

function recordOf(clock: Clock, draft: AnyDraft, seq: number): EventRecord {
  const envelope: AnyEnvelope = {
    seq,
    capture_session_id: 'test',
    event: {
      ts: clock.wallUs(),
      type: draft.type,
      category: draft.category,
      detail_level: draft.detailLevel,
      source: draft.source,
      data: draft.data,
    },
  }
  return {
    seq,
    tsUs: clock.wallUs(),
    type: draft.type,
    category: draft.category,
    sourceKind: draft.source.kind,
    targetId: draft.source.metadata?.['target_id'],
    detailLevel: draft.detailLevel,
    bytes: Buffer.from(JSON.stringify(envelope)),
  }
}
