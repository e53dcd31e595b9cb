// Pages that npm packages bring with them, under free licences (`npm run setup:pages`): nobody wrote them for us. What they ask the internet
// for fails, for every witness alike; what they load from their CDN, of packages that are there, the page server answers in its place.
import type { Page } from 'playwright-core'
import type { Case } from './cases.ts'

type Use = (page: Page, load: () => Promise<void>) => Promise<unknown>

interface ForeignPage {
  /** Below `/npm/`. */
  readonly path: string
  /** What somebody does there who tries it; begins with loading it. */
  readonly use: Use
  /** It opens windows, workers, or frames of other sites. */
  readonly opensTargets?: boolean
}

const look: Use = (_page, load) => load()

/** Presses a key until the page has gone through these fragments. */
const steps =
  (key: string, fragments: readonly string[]): Use =>
  async (page, load) => {
    await load()
    for (const fragment of fragments) {
      const gone = page.waitForURL((url) => url.hash === fragment)
      await page.keyboard.press(key)
      await gone
    }
  }

/** Loads it and waits for so many dialogs, which the witness accepts. */
const dialogs =
  (count: number): Use =>
  async (page, load) => {
    let left = count
    const shown = page.waitForEvent('dialog', () => --left === 0)
    await Promise.all([shown, load()])
  }

const showNotes: Use = async (page, load) => {
  await load()
  const [notes] = await Promise.all([page.waitForEvent('popup'), page.keyboard.press('s')])
  for (const slide of ['current', 'upcoming']) await notes.waitForSelector(`#${slide}-slide iframe`)
}

const showPicture: Use = async (page, load) => {
  await load()
  await page.click('a.example-image-link')
  await page.waitForSelector('#lightboxOverlay')
}

const readApi: Use = async (page, load) => {
  await load()
  await page.waitForSelector('.failed-config, .errors-wrapper')
}

const clickInWorker: Use = async (page, load) => {
  await load()
  await Promise.all([page.waitForEvent('console'), page.click('#mainbtn')])
}

const counts: Use = async (page, load) => {
  await Promise.all([page.waitForEvent('console', (message) => message.text() === '1'), load()])
}

const example = (name: string, use: Use): ForeignPage => ({ path: `comlink/docs/examples/${name}/index.html`, use, opensTargets: true })

const foreignPages: Readonly<Record<string, ForeignPage>> = {
  boilerplate: { path: 'html5-boilerplate/dist/index.html', use: look },
  'boilerplate-missing': { path: 'html5-boilerplate/dist/404.html', use: look },
  impress: { path: 'impress.js/index.html', use: steps('ArrowRight', ['#/step-2', '#/step-3']) },
  reveal: { path: 'reveal.js/demo.html', use: steps('ArrowRight', ['#/1', '#/2']) },
  'reveal-notes': { path: 'reveal.js/demo.html', use: showNotes, opensTargets: true },
  swagger: { path: 'swagger-ui-dist/index.html', use: readApi },
  lightbox: { path: 'lightbox2/examples/index.html', use: showPicture },
  'comlink-worker': example('01-simple-example', dialogs(2)),
  'comlink-callback': example('02-callback-example', dialogs(1)),
  'comlink-classes': example('03-classes-example', dialogs(2)),
  'comlink-events': example('04-eventlistener-example', clickInWorker),
  'comlink-service-worker': example('05-serviceworker-example', counts),
  'comlink-shared-worker': example('07-sharedworker-example', dialogs(2)),
  'comlink-frame': example('99-nonworker-examples/iframes', dialogs(1)),
}

export const foreignPrefix = 'npm/'

/** As cases. */
export function foreignCases(): Case[] {
  return Object.entries(foreignPages).map(([name, { path, use, opensTargets = false }]) => ({
    name: foreignPrefix + name,
    path: `/npm/${path}`,
    isQuick: false,
    opensTargets,
    drive: async ({ page, visit }) => void (await use(page, visit)),
  }))
}
