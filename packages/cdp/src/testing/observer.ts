// An attachment that writes down everything it is told, for the tests of attaching. It enables Runtime and Network everywhere.
import { systemClock } from '@tabscope/schema'
import { type Attachment, createAttachment } from '../attach.ts'
import type { AttachHandlers, AttachMode, AttachWarning } from '../attach-state.ts'
import { type Command, type Connection, openConnection } from '../connection.ts'
import { isRecord } from '../message.ts'
import type { CdpSession } from '../session.ts'
import type { SeenTarget } from '../targets.ts'
import { openWebSocket } from '../websocket.ts'

/** What happened, in order. `of` names the target by type and path, so that runs can be compared. */
export interface Happening {
  readonly what: 'seen' | 'started' | 'ended' | 'gone' | 'console' | 'request' | 'ready' | 'crashed' | 'fell_back' | 'failed'
  readonly of: string
  readonly detail?: string
}

export interface Observer extends AsyncDisposable {
  readonly connection: Connection
  readonly attachment: Attachment
  readonly happenings: readonly Happening[]
  readonly started: readonly CdpSession[]
  readonly warnings: readonly AttachWarning[]
  /** Resolves when `isSo` holds; looked at after each happening. */
  until(isSo: () => boolean): Promise<void>
  /** Resolves when something like this has happened. */
  happened(what: Happening['what'], of: string, detail?: string): Promise<void>
}

export interface ObserverOptions {
  readonly wsUrl: string
  readonly mode: AttachMode
  /** Commands besides Runtime.enable and Network.enable. */
  readonly extra?: readonly Command[]
}

/** Connects, attaches, and returns when the attachment is ready. */
export async function observe(options: ObserverOptions): Promise<Observer> {
  const happenings: Happening[] = []
  const started: CdpSession[] = []
  const warnings: AttachWarning[] = []
  const waiting = new Set<{ isSo: () => boolean; resolve: () => void }>()
  const check = (): void => {
    for (const wait of [...waiting]) {
      if (!wait.isSo()) continue
      waiting.delete(wait)
      wait.resolve()
    }
  }
  const happen = (what: Happening['what'], of: string, detail?: string): void => {
    happenings.push({ what, of, ...(detail === undefined ? {} : { detail }) })
    check()
  }
  const handlers = createHandlers({ happen, started, warnings, check, extra: options.extra ?? [] })
  const connection = await openConnection({
    open: openWebSocket(options.wsUrl),
    clock: systemClock,
    wanted: new Set(['Runtime.consoleAPICalled', 'Network.requestWillBeSent']),
    onMessage: (message) => attachment.receive(message),
    onClosed: (cause) => happen('failed', 'connection', cause),
    signal: new AbortController().signal,
  })
  const attachment = createAttachment({ connection, mode: options.mode, clock: systemClock, handlers })
  const until = (isSo: () => boolean): Promise<void> =>
    new Promise((resolve) => {
      waiting.add({ isSo, resolve })
      check()
    })
  const happened = (what: Happening['what'], of: string, detail?: string): Promise<void> =>
    until(() => happenings.some((each) => each.what === what && each.of === of && (detail === undefined || each.detail === detail)))
  attachment.start()
  await happened('ready', 'attachment')
  const dispose = async (): Promise<void> => {
    attachment.close()
    connection.close()
  }
  return { connection, attachment, happenings, started, warnings, until, happened, [Symbol.asyncDispose]: dispose }
}

interface Notes {
  readonly happen: (what: Happening['what'], of: string, detail?: string) => void
  readonly started: CdpSession[]
  readonly warnings: AttachWarning[]
  readonly check: () => void
  readonly extra: readonly Command[]
}

function createHandlers(notes: Notes): AttachHandlers {
  const { happen, started, warnings, check, extra } = notes
  const names = new Map<string, string>()
  const nameOf = (target: { targetId: string; url: string }, type: string): string => {
    // A window has no URL at first; it is named by the first it gets.
    const name = names.get(target.targetId) ?? `${type} ${pathOf(target.url)}`
    if (target.url !== '') names.set(target.targetId, name)
    return name
  }
  const seenName = (target: SeenTarget): string => nameOf(target, target.type)
  const sessionName = (session: CdpSession): string => nameOf(session, session.targetType)
  return {
    sessionStarted: (session) => {
      started.push(session)
      happen('started', sessionName(session))
      return [{ method: 'Network.enable' }, { method: 'Runtime.enable' }, ...extra]
    },
    sessionEnded: (session, cause) => happen('ended', sessionName(session), cause),
    targetSeen: (target, { existing }) => happen('seen', seenName(target), existing ? 'existing' : 'new'),
    targetChanged: check,
    targetGone: (target) => happen('gone', seenName(target)),
    targetCrashed: (target, crash) => happen('crashed', seenName(target), crash.status),
    message: (session, message) => {
      const detail = detailOf(message.params)
      happen(message.method === 'Runtime.consoleAPICalled' ? 'console' : 'request', sessionName(session), detail)
    },
    warning: (warning) => {
      warnings.push(warning)
      check()
    },
    ready: () => happen('ready', 'attachment'),
    failed: (cause) => happen('failed', 'attachment', cause),
    modeFellBack: (cause) => happen('fell_back', 'attachment', cause),
  }
}

function pathOf(url: string): string {
  return URL.canParse(url) ? new URL(url).href.replace(/^\w+:\/\/[^/]*/, '') : url
}

/** The first argument of a console call, or the path of a request. */
function detailOf(params: unknown): string {
  if (!isRecord(params)) return ''
  const { args, request } = params
  if (isRecord(request)) return pathOf(String(request['url']))
  const first: unknown = Array.isArray(args) ? args[0] : undefined
  return isRecord(first) ? String(first['value']) : ''
}
