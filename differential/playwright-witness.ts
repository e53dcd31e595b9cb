// What Playwright's listeners are told, as facts. It is the second witness: a DevTools client that shares no code with ours.
import type {
  BrowserContext,
  ConsoleMessage,
  Dialog,
  Download,
  Frame,
  Page,
  Request,
  Response,
  WebError,
  WebSocket,
  Worker,
} from 'playwright-core'
import { type Fact, type FactKind, withoutFragment } from './facts.ts'

type Attributes = Record<string, string | number | boolean | undefined>

export interface PlaywrightWitness {
  readonly facts: readonly Fact[]
  /** False while something is still being asked for, such as the id of a new tab. */
  isSettled(): boolean
  /** The target of a page that Playwright knows; undefined until it is known. */
  targetOf(page: Page): string | undefined
  /** From now on nothing is written down. */
  stop(): void
}

interface KnownPage {
  targetId: string | undefined
  /** Documents that the page's main frame has had, counted from the navigations that asked for one. */
  navigations: number | undefined
  asked: Set<string>
}

interface State {
  readonly facts: Fact[]
  readonly pages: Map<Page, KnownPage>
  pending: number
  isStopped: boolean
  readonly onFact: () => void
}

/** Listens to a whole context; `onFact` is called after each fact. */
export function watchContext(context: BrowserContext, onFact: () => void): PlaywrightWitness {
  const state: State = { facts: [], pages: new Map(), pending: 0, isStopped: false, onFact }
  context.on('page', (page) => watchPage(state, page))
  context.on('request', (request) => requestSeen(state, request))
  context.on('response', (response) => responseSeen(state, response))
  context.on('requestfailed', (request) => failureSeen(state, request))
  context.on('console', (message) => consoleSeen(state, message))
  context.on('weberror', (error) => errorSeen(state, error))
  context.on('dialog', (dialog) => dialogSeen(state, dialog))
  context.on('serviceworker', (worker) => workerSeen(state, worker, undefined))
  return {
    facts: state.facts,
    isSettled: () => state.pending === 0,
    targetOf: (page) => state.pages.get(page)?.targetId,
    stop: () => {
      state.isStopped = true
    },
  }
}

function tell(
  state: State,
  kind: FactKind,
  key: string,
  told: { attributes?: Attributes; notes?: Attributes; page?: Page | null | undefined },
): void {
  if (state.isStopped) return
  const known = told.page === undefined || told.page === null ? undefined : state.pages.get(told.page)
  const attributes: Attributes = { ...told.attributes, nav: withNavigation.has(kind) ? known?.navigations : undefined }
  // The tab's id may come later; the fact gets it then.
  Object.defineProperty(attributes, 'tab', { enumerable: true, get: () => known?.targetId })
  state.facts.push({ kind, key, attributes, notes: told.notes ?? {} })
  state.onFact()
}

const withNavigation: ReadonlySet<FactKind> = new Set(['request', 'console', 'exception', 'dom_content_loaded', 'load'])

function watchPage(state: State, page: Page): void {
  // A window that another page opened is announced at some time during its first document, which cannot be counted then.
  const known: KnownPage = { targetId: undefined, navigations: state.pages.size === 0 ? 0 : undefined, asked: new Set() }
  state.pages.set(page, known)
  void findTarget(state, page, known)
  page.on('framenavigated', (frame) => frameNavigated(state, page, frame))
  page.on('domcontentloaded', () => tell(state, 'dom_content_loaded', page.url(), { page }))
  page.on('load', () => tell(state, 'load', page.url(), { page }))
  page.on('websocket', (socket) => socketSeen(state, page, socket))
  page.on('download', (download) => downloadSeen(state, page, download))
  page.on('worker', (worker) => workerSeen(state, worker, page))
}

async function findTarget(state: State, page: Page, known: KnownPage): Promise<void> {
  state.pending += 1
  try {
    const session = await page.context().newCDPSession(page)
    known.targetId = (await session.send('Target.getTargetInfo')).targetInfo.targetId
    await session.detach()
    const opener = await page.opener()
    tell(state, 'tab_opened', known.targetId, { attributes: { opener: opener === null ? undefined : state.pages.get(opener)?.targetId } })
  } catch {
    // The page closed meanwhile: then nobody can say which target it was.
  } finally {
    state.pending -= 1
    state.onFact()
  }
}

function frameOf(request: Request): Frame | undefined {
  try {
    return request.frame()
  } catch {
    // A request of a service worker, or of a page that is not there yet.
    return undefined
  }
}

function pageOf(request: Request): Page | undefined {
  try {
    return frameOf(request)?.page()
  } catch {
    return undefined
  }
}

function keyOf(request: Request): string {
  return `${request.method()} ${withoutFragment(request.url())}`
}

function requestSeen(state: State, request: Request): void {
  const page = pageOf(request)
  const from = request.redirectedFrom()
  tell(state, 'request', keyOf(request), {
    page,
    attributes: {
      resource_type: request.resourceType(),
      post_data: request.postData() ?? undefined,
      redirected_from: from === null ? undefined : withoutFragment(from.url()),
    },
    notes: { is_navigation: request.isNavigationRequest() },
  })
  const frame = frameOf(request)
  if (page !== undefined && request.isNavigationRequest() && frame?.parentFrame() === null)
    state.pages.get(page)?.asked.add(withoutFragment(request.url()))
}

function responseSeen(state: State, response: Response): void {
  const request = response.request()
  tell(state, 'response', keyOf(request), {
    page: pageOf(request),
    attributes: { status: response.status(), status_text: response.statusText(), from_service_worker: response.fromServiceWorker() },
    notes: { is_navigation: request.isNavigationRequest() },
  })
}

function failureSeen(state: State, request: Request): void {
  const response = request.failure()
  tell(state, 'failure', withoutFragment(request.url()), {
    page: pageOf(request),
    attributes: { error_text: response?.errorText },
    notes: { is_navigation: request.isNavigationRequest() },
  })
}

function consoleSeen(state: State, message: ConsoleMessage): void {
  tell(state, 'console', `${message.type()} ${message.text()}`, {
    page: message.page(),
    notes: { group: `${message.type()} ${message.args().length}`, script: withoutFragment(message.location().url) },
  })
}

function errorSeen(state: State, thrown: WebError): void {
  const error = thrown.error()
  // What was thrown and is no error has no name.
  const text = error.name === '' ? error.message : `${error.name}: ${error.message}`
  tell(state, 'exception', text, { page: thrown.page(), notes: { group: 'exception' } })
}

function frameNavigated(state: State, page: Page, frame: Frame): void {
  const known = state.pages.get(page)
  const isTop = frame.parentFrame() === null
  const isError = frame.url().startsWith('chrome-error:')
  if (isTop && known?.navigations !== undefined && (isError || known.asked.delete(withoutFragment(frame.url())))) known.navigations += 1
  tell(state, 'navigation', frame.url(), { page, attributes: { is_top: isTop } })
}

function dialogSeen(state: State, dialog: Dialog): void {
  tell(state, 'dialog', `${dialog.type()} ${dialog.message()}`, {
    page: dialog.page(),
    attributes: { default_prompt: dialog.defaultValue() },
  })
  // Somebody has to answer, or the page waits for ever.
  dialog.accept().catch(() => undefined)
}

function socketSeen(state: State, page: Page, socket: WebSocket): void {
  const counts = { frames_sent: 0, frames_received: 0 }
  const frame = (kind: 'websocket_sent' | 'websocket_received', payload: string | Buffer): void => {
    counts[kind === 'websocket_sent' ? 'frames_sent' : 'frames_received'] += 1
    const bytes = Buffer.byteLength(payload)
    tell(state, kind, `${socket.url()} ${bytes}`, { page, attributes: { payload: typeof payload === 'string' ? payload : undefined } })
  }
  tell(state, 'websocket_opened', socket.url(), { page })
  socket.on('framesent', ({ payload }) => frame('websocket_sent', payload))
  socket.on('framereceived', ({ payload }) => frame('websocket_received', payload))
  socket.on('close', () => tell(state, 'websocket_closed', socket.url(), { page, attributes: { ...counts } }))
}

function downloadSeen(state: State, page: Page, download: Download): void {
  tell(state, 'download_started', download.url(), { page, attributes: { suggested_filename: download.suggestedFilename() } })
  void download
    .failure()
    .then((failure) =>
      tell(state, 'download_finished', download.url(), { page, attributes: { state: failure === null ? 'completed' : 'canceled' } }),
    )
}

function workerSeen(state: State, worker: Worker, page: Page | undefined): void {
  tell(state, 'worker', worker.url(), { page })
}
