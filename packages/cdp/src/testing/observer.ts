// An attachment that writes down everything it is told, for the tests of attaching. It enables Runtime and Network everywhere.
import { type Clock, systemClock } from '@tabscope/schema'
import { type Attachment, createAttachment } from '../attach.ts'
import type { AttachHandlers, AttachMode, AttachWarning } from '../attach-state.ts'
import { type Command, type Connection, openConnection } from '../connection.ts'
import { isRecord } from '../message.ts'
import type { CdpSession } from '../session.ts'
import type { OpenTransport } from '../transport.ts'
import { openWebSocket } from '../websocket.ts'

/** What happened, in order. `of` names the target by its type and the path of its latest URL, so that runs can be compared. */
export interface Happening {
  readonly what: 'seen' | 'started' | 'ended' | 'gone' | 'console' | 'request' | 'ready' | 'crashed' | 'fell_back' | 'failed'
  readonly of: string
  readonly detail?: string
}

export interface Observer extends AsyncDisposable {
  readonly connection: Connection
  readonly attachment: Attachment
  happenings(): readonly Happening[]
  readonly started: readonly CdpSession[]
  readonly warnings: readonly AttachWarning[]
  /** Resolves when `isSo` holds; looked at after each happening. */
  until(isSo: () => boolean): Promise<void>
  /** Resolves when something like this has happened. */
  happened(what: Happening['what'], of: string, detail?: string): Promise<void>
}

export interface ObserverOptions {
  readonly open: OpenTransport
  readonly mode: AttachMode
  /** Default the machine's. */
  readonly clock?: Clock
  /** Commands besides Runtime.enable and Network.enable. */
  readonly extra?: readonly Command[]
}

/** Connects to a Chromium, attaches, and returns when the attachment is ready. */
export async function observe(options: { wsUrl: string; mode: AttachMode; extra?: readonly Command[] }): Promise<Observer> {
  const { wsUrl, ...rest } = options
  const observer = await startObserver({ ...rest, open: openWebSocket(wsUrl) })
  await observer.happened('ready', 'attachment')
  return observer
}

/** Connects and begins to attach. */
export async function startObserver(options: ObserverOptions): Promise<Observer> {
  const clock = options.clock ?? systemClock
  const noted: Noted[] = []
  const names: Names = new Map()
  const happenings = (): Happening[] => noted.map(({ targetId, ...rest }) => ({ ...rest, of: names.get(targetId) ?? targetId }))
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
  const happen: Notes['happen'] = (what, targetId, detail) => {
    noted.push({ what, targetId, ...(detail === undefined ? {} : { detail }) })
    check()
  }
  const handlers = createHandlers({ names, happen, started, warnings, check, extra: options.extra ?? [] })
  const connection = await openConnection({
    open: options.open,
    clock,
    wanted: new Set(['Runtime.consoleAPICalled', 'Network.requestWillBeSent']),
    onMessage: (message) => attachment.receive(message),
    onClosed: (cause) => happen('failed', 'connection', cause),
    signal: new AbortController().signal,
  })
  const attachment = createAttachment({ connection, mode: options.mode, clock, handlers })
  const until = (isSo: () => boolean): Promise<void> =>
    new Promise((resolve) => {
      waiting.add({ isSo, resolve })
      check()
    })
  const happened = (what: Happening['what'], of: string, detail?: string): Promise<void> =>
    until(() => happenings().some((each) => each.what === what && each.of === of && (detail === undefined || each.detail === detail)))
  attachment.start()
  const dispose = async (): Promise<void> => {
    attachment.close()
    connection.close()
  }
  return { connection, attachment, happenings, started, warnings, until, happened, [Symbol.asyncDispose]: dispose }
}

type Names = Map<string, string>
type Noted = Omit<Happening, 'of'> & { readonly targetId: string }

interface Notes {
  readonly names: Names
  readonly happen: (what: Happening['what'], targetId: string, detail?: string) => void
  readonly started: CdpSession[]
  readonly warnings: AttachWarning[]
  readonly check: () => void
  readonly extra: readonly Command[]
}

function createHandlers(notes: Notes): AttachHandlers {
  const { names, happen, started, warnings, check, extra } = notes
  const name = (target: { targetId: string; type: string; url: string }): void => {
    // A window has no URL at first.
    if (target.url !== '' || !names.has(target.targetId)) names.set(target.targetId, `${target.type} ${pathOf(target.url)}`)
  }
  return {
    sessionStarted: (session) => {
      started.push(session)
      happen('started', session.targetId)
      return [{ method: 'Network.enable' }, { method: 'Runtime.enable' }, ...extra]
    },
    sessionEnded: (session, cause) => happen('ended', session.targetId, cause),
    targetSeen: (target, { existing }) => {
      name(target)
      happen('seen', target.targetId, existing ? 'existing' : 'new')
    },
    targetChanged: (target) => {
      name(target)
      check()
    },
    targetGone: (target) => happen('gone', target.targetId),
    targetCrashed: (target, crash) => happen('crashed', target.targetId, crash.status),
    message: (session, message) => {
      const what = message.method === 'Runtime.consoleAPICalled' ? 'console' : 'request'
      happen(what, session.targetId, detailOf(message.params))
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
