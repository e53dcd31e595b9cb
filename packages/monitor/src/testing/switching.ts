// Switches categories and their levels at random while pages load, each switch in the middle of a request, and judges every event by the
// selection that was in force when it was published. Used by a test with few switches and by a soak with 200.
import type { PageHandler, TestChromium } from '@tabscope/cdp/testing'
import { definitionOf, detailRank, type EventType, type TelemetryConfig } from '@tabscope/schema'
import type { AnyDraft } from './captured.ts'
import { createRandom, type Random } from './random.ts'
import { behaviourConfig } from './recorded.ts'
import { openScene, type Scene } from './scene.ts'

export interface SwitchingOptions {
  readonly chromium: TestChromium
  readonly switches: number
  readonly seed: number
}

export interface SwitchingResult {
  readonly switches: number
  readonly pages: number
  readonly events: number
  /** Events of a category, type or level that was off when they came. */
  readonly unwanted: readonly string[]
  /** Ends of requests that began under another selection of network, which has been off since. */
  readonly late: readonly string[]
  /** What was told more than once. */
  readonly doubles: readonly string[]
  /** What the stream tells of one page after the last switch, with everything on. */
  readonly last: readonly string[]
}

/** A selection, and how many events had come when it began. */
interface Epoch {
  readonly from: number
  readonly config: TelemetryConfig
}

const switched = ['console', 'network', 'page', 'interaction'] as const
const levels = ['minimal', 'standard', 'verbose'] as const

const html = { 'content-type': 'text/html', 'cache-control': 'no-store' }
const pageOf = (number: string): string => `<!doctype html><link rel="icon" href="data:,"><title>${number}</title>
  <script>console.log('call ${number}'); for (let n = 0; n < 4; n++) fetch('/data?${number}-' + n).then((r) => r.json()).then(() => console.log('answer ${number}-' + n))</script>
  <iframe src="/frame?${number}"></iframe><img src="/image?${number}">
  <script>new Worker(URL.createObjectURL(new Blob(["console.log('worker ${number}')"]))); history.pushState({}, '', '#route')</script>`

export async function switchCategories({ chromium, switches, seed }: SwitchingOptions): Promise<SwitchingResult> {
  const random = createRandom(seed)
  const epochs: Epoch[] = []
  let scene: Scene | undefined
  let made = 0
  const change = (config: TelemetryConfig): void => {
    if (scene === undefined) return
    scene.monitor.apply(config, 'switching').catch(() => undefined)
    // What the switch itself tells, such as the end of requests that are open when capture stops, is of the old selection.
    epochs.push({ from: scene.captured.drafts.length, config })
  }
  const pages: PageHandler = (request, response) => {
    const [path, number = ''] = (request.url ?? '').split('?')
    // In the middle of a request: some before its answer, some between its headers and its body.
    const isSwitch = path !== '/' && made < switches && random.below(3) === 0
    if (isSwitch && random.chance()) change(randomConfig(random, ++made))
    response.writeHead(
      200,
      path === '/page' || path === '/frame' ? html : { 'content-type': 'application/json', 'cache-control': 'no-store' },
    )
    if (isSwitch && random.chance()) change(randomConfig(random, ++made))
    response.end(path === '/page' ? pageOf(number) : path === '/frame' ? '<!doctype html>frame' : '1')
  }
  await using opened = await openScene({ chromium, pages })
  scene = opened
  epochs.push({ from: 0, config: opened.config })
  const tab = await opened.emptyTab()
  let loaded = 0
  while (made < switches) await tab.navigate(`${opened.server.url}/page?${++loaded}`)
  change(behaviourConfig({}))
  const last = await lastPage(opened)
  return { switches: made, pages: loaded, events: opened.captured.drafts.length, ...judge(opened.captured.drafts, epochs), last }
}

// The first switch is to nothing at all, and every tenth: capture ends and begins anew.
function randomConfig(random: Random, count: number): TelemetryConfig {
  const isNothing = count % 10 === 1
  const categories = Object.fromEntries(
    switched.map((category) => [
      category,
      { enabled: !isNothing && random.chance(), detail_level: levels[random.below(levels.length)] ?? 'standard' },
    ]),
  )
  return behaviourConfig({ categories })
}

function judge(drafts: readonly AnyDraft[], epochs: readonly Epoch[]): Pick<SwitchingResult, 'unwanted' | 'late' | 'doubles'> {
  const unwanted: string[] = []
  const late: string[] = []
  const told = new Map<string, number>()
  /** Requests that are open, and in which stretch of captured network they began. */
  const stretchOf = new Map<string, number>()
  let stretch = 0
  let at = 0
  drafts.forEach((draft, index) => {
    for (let next = epochs[at + 1]; next !== undefined && next.from <= index; next = epochs[at + 1]) {
      at++
      if (!next.config.browser.network.enabled) stretch++
    }
    const { config } = epochs[at] ?? { config: behaviourConfig({}) }
    if (!isWanted(draft, config)) unwanted.push(`${draft.type} after switch ${at}`)
    const { request_id: id, url, late_attach } = draft.data as { request_id?: string; url?: string; late_attach?: boolean }
    if (draft.type === 'network_request' && id !== undefined) stretchOf.set(id, stretch)
    const isEnd = draft.type === 'network_response' || draft.type === 'network_loading_failed'
    if (isEnd && id !== undefined && late_attach !== true && stretchOf.get(id) !== stretch)
      late.push(`${draft.type} ${url ?? id} after switch ${at}`)
    const name = nameOf(draft)
    if (name !== undefined) told.set(name, (told.get(name) ?? 0) + 1)
  })
  return { unwanted, late, doubles: [...told].filter(([, count]) => count > 1).map(([name, count]) => `${name}: ${count}`) }
}

function isWanted(draft: AnyDraft, config: TelemetryConfig): boolean {
  if (draft.category === 'monitor') return true
  const category = config.browser[draft.category]
  return category.enabled && detailRank(definitionOf(draft.type as EventType)?.detail ?? 'minimal') <= detailRank(category.detail_level)
}

// What happens once in a run.
function nameOf(draft: AnyDraft): string | undefined {
  const { text, url, request_id: id } = draft.data as { text?: string; url?: string; request_id?: string }
  if (draft.type === 'console_log') return `console ${text}`
  const isOnce = draft.type === 'network_request' || draft.type === 'network_response' || draft.type === 'network_loading_failed'
  return isOnce && url?.startsWith('http') === true ? `${draft.type} ${id} ${url}` : undefined
}

async function lastPage(scene: Scene): Promise<string[]> {
  const { captured, server } = scene
  const from = captured.drafts.length
  const tab = await scene.emptyTab()
  await tab.navigate(`${server.url}/page?last`)
  const expected = 21
  const found = (): string[] =>
    captured.drafts.slice(from).flatMap((draft) => {
      const { text, url, target_id: target } = draft.data as { text?: string; url?: string; target_id?: string }
      if (draft.type === 'console_log' && text?.includes('last') === true) return [text]
      const isNetwork = draft.type === 'network_request' || draft.type === 'network_response'
      if (isNetwork && url?.includes('?last') === true) return [`${draft.type} ${url.slice(server.url.length)}`]
      return draft.type === 'page_load' && target === tab.targetId && url?.includes('?last') === true ? ['load'] : []
    })
  await captured.untilSo('everything of the last page', () => found().length >= expected)
  return found().sort()
}
