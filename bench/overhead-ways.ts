// The ways to watch a browser that `npm run bench -- overhead` compares. Data only; overhead-client.ts carries them out.

/** A client that counts: what it sends to each tab, and whether it asks for the bodies that a collector would ask for. */
export interface Counting {
  readonly commands: readonly (readonly [method: string, params?: object])[]
  readonly asksBodies?: boolean
}

const network = ['Network.enable', { maxPostDataSize: 8_192 }] as const
const timeline = ['PerformanceTimeline.enable', { eventTypes: ['layout-shift', 'largest-contentful-paint'] }] as const
/** What the collector enables with every category on. */
const everything = [['Page.enable'], network, timeline, ['Inspector.enable'], ['Log.enable'], ['Runtime.enable']] as const
const script = [
  ['Page.enable'],
  ['Runtime.addBinding', { name: 'bench', executionContextName: 'bench' }],
  ['Page.addScriptToEvaluateOnNewDocument', { source: 'void 0', worldName: 'bench', runImmediately: true }],
] as const

/** The floor: every message of the domains of `all` is parsed and counted, and nothing else. */
export const floors: Readonly<Record<string, Counting>> = {
  floor: { commands: everything },
  'floor, asking for bodies': { commands: everything, asksBodies: true },
}

/** What each domain and option costs by itself. */
export const studied: Readonly<Record<string, Counting>> = {
  'attached, nothing enabled': { commands: [] },
  Network: { commands: [network] },
  'Network, keeping no bodies': { commands: [['Network.enable', { maxPostDataSize: 0, maxTotalBufferSize: 0, maxResourceBufferSize: 0 }]] },
  'Network, asking for bodies': { commands: [network], asksBodies: true },
  Page: { commands: [['Page.enable']] },
  'Page, life-cycle events': { commands: [['Page.enable'], ['Page.setLifecycleEventsEnabled', { enabled: true }]] },
  PerformanceTimeline: { commands: [timeline] },
  Inspector: { commands: [['Inspector.enable']] },
  Log: { commands: [['Log.enable']] },
  Runtime: { commands: [['Runtime.enable']] },
  DOM: { commands: [['DOM.enable']] },
  'isolated world with a binding': { commands: script },
  'all of the collector': { commands: everything },
}

/** Watched by the collector; `whole server` also redacts, keeps on disk and serves. */
export const watched = ['console', 'network', 'page', 'interaction', 'all', 'all but bodies', 'whole server'] as const

export const others = ['playwright listeners', 'playwright tracing', 'playwright HAR', 'puppeteer', 'chrome-remote-interface'] as const
