// The catalogue: which pages the differential run visits, and what has to be done on them. A page that is not named here is visited, does
// its steps by itself and says `case done`.
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Page } from 'playwright-core'
import { foreignCases } from './foreign-pages.ts'

const pagesFolder = fileURLToPath(new URL('../fixtures/pages', import.meta.url))

export interface Stage {
  readonly page: Page
  /** `http://<case>.localhost:<port>` */
  readonly origin: string
  /** Goes to the page of the case, which begins its steps. */
  visit(): Promise<void>
  /** Resolves when so many of its pages have said that they are done. */
  done(count?: number): Promise<void>
}

export interface Case {
  /** Also the name of its site. */
  readonly name: string
  readonly path: string
  /** A dozen of them run in `npm test`. */
  readonly isQuick: boolean
  /** It opens windows, workers, or frames of other sites, which `passive` sees a moment after they begin. */
  readonly opensTargets: boolean
  drive(stage: Stage): Promise<void>
}

type Drive = Case['drive']

const visitAll: Drive = async ({ visit, done }) => {
  await visit()
  await done()
}

/** Visits, and waits until the page has gone on to another by itself. */
const landsOn =
  (title: string): Drive =>
  async ({ page, origin, visit }) => {
    // It may be gone before it has loaded.
    const landed = page.waitForURL((url) => url.origin === origin && url.search.includes(title), { waitUntil: 'load' })
    await Promise.all([landed, visit().catch(() => undefined)])
  }

/** So many pages say that they are done: the opener and its windows. */
const pages =
  (count: number): Drive =>
  async ({ visit, done }) => {
    await visit()
    await done(count)
  }

const drives: Readonly<Record<string, Drive>> = {
  'network/form-get': landsOn('title=got'),
  'network/form-post': landsOn('title=posted'),
  'network/form-multipart': landsOn('title=multipart'),
  'network/meta-refresh': landsOn('title=refreshed'),
  'network/leaving': landsOn('title=next'),
  'history/location': async (stage) => {
    await landsOn('replaced')(stage)
    await stage.done()
  },
  'history/steps': async ({ page, origin, visit, done }) => {
    await visit()
    await done()
    await page.goto(`${origin}/answer/page?title=away`)
    await page.goBack()
    await page.goForward()
    await page.reload()
  },
  'history/unload': async ({ page, origin, visit, done }) => {
    await visit()
    await done()
    await page.goto(`${origin}/answer/page?title=away`)
    await page.goBack()
    await done(2)
    await page.reload()
    await done(3)
  },
  'history/prerendered': async ({ page, origin, visit, done }) => {
    await visit()
    await done()
    const landed = page.waitForURL((url) => url.origin === origin && url.search.includes('title=prerendered'), { waitUntil: 'load' })
    await page.evaluate("void setTimeout(() => { location.href = '/answer/page?title=prerendered&release=prerendered' })")
    await landed
  },
  'history/leaving-site': async ({ page, origin, visit, done }) => {
    await visit()
    await done()
    await page.goto(`${origin.replace('//', '//other-')}/answer/page?title=away`)
    await page.goBack()
    await done(2)
    // A document out of the back-forward cache has loaded long ago.
    await page.goForward({ waitUntil: 'commit' })
  },
  'workers/in-frame': pages(2),
  'windows/popup': pages(2),
  'windows/noopener': pages(2),
  'windows/other-site': pages(2),
  'windows/link': pages(2),
  'windows/form': pages(2),
  'windows/written': pages(2),
  'windows/redirected': pages(2),
  'windows/five': pages(6),
  'downloads/links': async ({ page, visit, done }) => {
    await visit()
    await done()
    for (const name of ['named', 'attached']) {
      const [download] = await Promise.all([page.waitForEvent('download'), page.click(`#${name}`)])
      await download.path()
    }
  },
  'downloads/blob': async ({ page, visit, done }) => {
    await visit()
    await done()
    const [download] = await Promise.all([page.waitForEvent('download'), page.click('a')])
    await download.path()
  },
  'dialogs/leaving': async ({ page, origin, visit, done }) => {
    await visit()
    await done()
    // Chromium asks only on pages that somebody has touched.
    await page.click('button')
    await page.goto(`${origin}/answer/page?title=away`)
  },
}

const documents: Readonly<Record<string, Drive>> = {
  'document/redirected': async ({ page, origin }) => void (await page.goto(`${origin}/answer/redirect?left=2&to=/answer/page?title=end`)),
  'document/missing': async ({ page, origin }) => void (await page.goto(`${origin}/answer/status?code=404`)),
  'document/failing': async ({ page, origin }) => void (await page.goto(`${origin}/answer/status?code=500`)),
  'document/nothing': async ({ page, origin, visit }) => {
    await visit()
    await page.goto(`${origin}/answer/status?code=204`).catch(() => undefined)
  },
  'document/refused': async ({ page, visit }) => {
    await visit()
    await page.goto('http://no-such-host.test/').catch(() => undefined)
  },
  'document/policy': async ({ page, origin, done }) => {
    await page.goto(`${origin}/answer/csp-page`)
    await done()
  },
  'document/hints': async ({ page, origin, done }) => {
    await page.goto(`${origin}/answer/hints`)
    await done()
  },
  'document/json': async ({ page, origin }) => void (await page.goto(`${origin}/answer/json`)),
  'document/image': async ({ page, origin }) => void (await page.goto(`${origin}/assets/dot.png?document`)),
}

const quick: ReadonlySet<string> = new Set([
  'console/values',
  'console/exceptions',
  'dialogs/dialogs',
  'document/redirected',
  'document/nothing',
  'frames/other-site',
  'history/routes',
  'network/everything',
  'network/form-post',
  'network/websockets',
  'windows/popup',
  'workers/dedicated',
  'workers/service',
])

/** All cases, in the order of their names. */
export function allCases(): Case[] {
  const files = readdirSync(pagesFolder, { recursive: true, withFileTypes: true })
  const names = files
    .filter((file) => file.isFile() && file.name.endsWith('.html'))
    .map((file) => join(file.parentPath, file.name).slice(pagesFolder.length + 1, -'.html'.length))
    .filter((name) => !name.startsWith('hostile/') && !partsOfOthers.has(name))
  const own = names.map((name) => makeCase(name, `/${name}.html`, drives[name] ?? visitAll))
  const others = Object.entries(documents).map(([name, drive]) => makeCase(name, '/answer/page?title=first', drive))
  return [...own, ...others, ...foreignCases()].sort((a, b) => (a.name < b.name ? -1 : 1))
}

/** Pages that only other pages open. */
const partsOfOthers: ReadonlySet<string> = new Set(['frames/inner', 'frames/writer', 'windows/opened'])

function makeCase(name: string, path: string, drive: Drive): Case {
  return { name, path, isQuick: quick.has(name), opensTargets: /^(?:windows|workers|frames)\//.test(name), drive }
}
