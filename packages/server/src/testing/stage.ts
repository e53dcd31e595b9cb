// An end-to-end stage: a real Chromium, the real server on it, its event stream, a web server as witness, and a second CDP client that
// drives. What a test sees went the whole way: socket, translators, redaction, log, disk, stream.
import {
  type DrivenPage,
  type Driver,
  launchTestChromium,
  openDriver,
  type PageHandler,
  type PageServer,
  servePages,
  type TestChromium,
  type UpgradeHandler,
} from '@tabscope/cdp/testing'
import { type Collector, type CollectorOptions, forkCollector, startCollector } from './collector.ts'
import { type EventTail, openEventTail, type TailOptions } from './event-tail.ts'
import { type TemporaryFolder, temporaryFolder } from './temporary-folder.ts'
import { askUrl } from './test-server.ts'

export interface StageOptions extends Omit<CollectorOptions, 'endpoint' | 'dataDirectory'> {
  readonly pages: PageHandler
  readonly upgrade?: UpgradeHandler
  /** A Chromium that somebody else ends. */
  readonly chromium?: TestChromium
  readonly chromiumArgs?: readonly string[]
  /** The configuration as `PUT /telemetry` takes it. */
  readonly config: object
  /** Runs the server in a process of its own. */
  readonly isForked?: boolean
  readonly tail?: TailOptions
  /** How the browser is reached; directly if not given. */
  readonly through?: (wsUrl: string) => string
}

export interface Stage extends AsyncDisposable {
  readonly chromium: TestChromium
  readonly driver: Driver
  readonly site: PageServer
  readonly collector: Collector
  readonly tail: EventTail
  /** The folder that the server keeps its events in. */
  readonly dataDirectory: string
  configure(config: object): Promise<void>
  metrics(): Promise<string>
  /** A new tab, captured when this returns; needs the console category. */
  emptyTab(): Promise<DrivenPage>
}

/** Starts everything; what was started is ended in the opposite order, also when a part fails to start. */
export async function openStage(options: StageOptions): Promise<Stage> {
  const parts: AsyncDisposable[] = []
  try {
    return await open(options, parts)
  } catch (error) {
    await endAll(parts)
    throw error
  }
}

async function endAll(parts: AsyncDisposable[]): Promise<void> {
  for (let part = parts.pop(); part !== undefined; part = parts.pop()) await part[Symbol.asyncDispose]()
}

async function open(options: StageOptions, parts: AsyncDisposable[]): Promise<Stage> {
  const { pages, upgrade, chromiumArgs = [], config, isForked = false, through = (url) => url, tail: tailOptions, ...rest } = options
  const use = <Part extends AsyncDisposable>(part: Part): Part => {
    parts.push(part)
    return part
  }
  const chromium = options.chromium ?? use(await launchTestChromium({ args: chromiumArgs }))
  const folder: TemporaryFolder = use(await temporaryFolder())
  const site = use(await servePages(pages, upgrade === undefined ? {} : { upgrade }))
  const driver = use(await openDriver(chromium.wsUrl))
  if (options.chromium !== undefined) use(await pagesKept(driver))
  const start = isForked ? forkCollector : startCollector
  const { chromium: _shared, ...serverOptions } = rest
  const collector = use(await start({ ...serverOptions, endpoint: through(chromium.wsUrl), dataDirectory: folder.path }))
  const configure = async (wanted: object): Promise<void> => {
    const { status, text } = await askUrl(`${collector.url}/telemetry`, 'PUT', { json: wanted })
    if (status > 201) throw new Error(`the configuration was refused: ${text}`)
  }
  await configure(config)
  const tail = use(await openEventTail(collector, tailOptions))
  let probes = 0
  const emptyTab = async (): Promise<DrivenPage> => {
    const tab = await driver.openPage('about:blank')
    const text = `probe ${++probes}`
    // Chromium tells it again when its console is enabled later; so its event means that the tab is captured.
    await tab.evaluate(`console.log(${JSON.stringify(text)})`)
    await tail.event('console_log', (data) => data['text'] === text)
    return tab
  }
  return {
    chromium,
    driver,
    site,
    collector,
    tail,
    dataDirectory: folder.path,
    configure,
    metrics: async () => (await askUrl(`${collector.url}/metrics`, 'GET')).text,
    emptyTab,
    [Symbol.asyncDispose]: () => endAll(parts),
  }
}

// A shared Chromium is left with the tabs that it had.
async function pagesKept(driver: Driver): Promise<AsyncDisposable> {
  const before = await pagesOf(driver)
  return {
    [Symbol.asyncDispose]: async () => {
      for (const targetId of await pagesOf(driver)) {
        // One may close by itself meanwhile.
        if (!before.includes(targetId)) await driver.send('Target.closeTarget', { targetId }).catch(() => undefined)
      }
    },
  }
}

async function pagesOf(driver: Driver): Promise<readonly string[]> {
  const { targetInfos } = await driver.send('Target.getTargets')
  const infos = Array.isArray(targetInfos) ? (targetInfos as { type: string; targetId: string }[]) : []
  return infos.filter(({ type }) => type === 'page').map(({ targetId }) => targetId)
}
