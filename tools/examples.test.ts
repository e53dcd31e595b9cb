// Runs every program of `examples/` as a person would, against a real `tabscope control` with real browsers and a page of our own; the
// first one also with the published client, which is what "only the import changes" means.
import { once } from 'node:events'
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type RunningCommand, runCommand } from '../packages/cli/src/testing/command.ts'
import { apiKey, startTestControl, type TestControl } from '../packages/cli/src/testing/control.ts'
import { type Folder, makeFolder } from '../packages/cli/src/testing/folder.ts'
import { fencedBlocks, readDocument } from './documents.ts'
import { repositoryRoot } from './source-files.ts'

let control: TestControl
let folder: Folder
let site: Server
let page = ''

const html = `<!doctype html><title>A page</title><link rel="icon" href="data:,"><img src="/missing.png">
<script>console.error('something is wrong'); fetch('/data.json').then((answer) => answer.json())</script><h1>Hello</h1>`

beforeAll(async () => {
  site = createServer(({ url }, response) => {
    if (url === '/ticking')
      response.setHeader('content-type', 'text/html').end(`${html}<script>setInterval(() => console.log('tick'), 50)</script>`)
    else if (url?.startsWith('/?') || url === '/') response.setHeader('content-type', 'text/html').end(html)
    else if (url === '/data.json') response.setHeader('content-type', 'application/json').end('{"a":1}')
    else response.writeHead(404).end()
  }).listen(0, '127.0.0.1')
  await once(site, 'listening')
  const address = site.address()
  page = `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}/`
  folder = await makeFolder()
  control = await startTestControl()
})

afterAll(async () => {
  await control[Symbol.asyncDispose]()
  await folder[Symbol.asyncDispose]()
  site.closeAllConnections()
  site.close()
})

/** Runs a program with the repository's own sources behind `@tabscope/sdk`. */
function run(file: string, args: readonly string[]): RunningCommand {
  const options = ['--conditions=tabscope-source', '--import', 'tsx', file]
  return runCommand(process.execPath, [...options, ...args], { TABSCOPE_API_KEY: apiKey, TABSCOPE_BASE_URL: control.url })
}

const example = (name: string): string => join(repositoryRoot, 'examples', name)

/** Runs a program to its end and answers what it printed. */
async function outputOf(file: string, args: readonly string[]): Promise<readonly string[]> {
  await using program = run(file, args)
  const code = await program.ended()
  expect([code, program.stderr.all.filter((line) => line !== 'connected')]).toEqual([0, []])
  return [...program.stdout.all]
}

async function browsersLeft(): Promise<unknown> {
  return (await control.request('GET', '/browsers')).json()
}

const quickStart = readFileSync(example('quick-start.ts'), 'utf8')

test('the first example of the README is quick-start.ts, as it is', () => {
  expect(fencedBlocks(readDocument('README.md'), 'ts')).toContain(quickStart)
})

test.each([
  ['@tabscope/sdk', quickStart],
  [
    '@onkernel/sdk',
    quickStart.replace("import { Tabscope as Client } from '@tabscope/sdk'", "import { Kernel as Client } from '@onkernel/sdk'"),
  ],
])('the ten lines run with %s', async (name, program) => {
  expect(program).toContain(`from '${name}'`)
  // Beside the original, so that both find their packages.
  const file = join(repositoryRoot, 'node_modules', `.quick-start-${process.pid}-${name.replaceAll(/\W/g, '-')}.mts`)
  writeFileSync(file, program)
  const lines = await outputOf(file, [page]).finally(() => rmSync(file))
  expect(lines).toContainEqual(expect.stringMatching(/^\d+ page_navigation$/))
  expect(lines.at(-1)).toMatch(/^\d+ page_navigation_settled$/)
  expect(await browsersLeft()).toEqual([])
})

test('stream.ts shows what happens with the fields of each type', async () => {
  const lines = (await outputOf(example('stream.ts'), [page])).map((line) => line.replace(/^\d+ /, ''))
  expect(lines).toEqual(
    expect.arrayContaining([
      `now at ${page}`,
      'error: something is wrong',
      `200 ${page}`,
      `404 ${page}missing.png`,
      'page_navigation_settled',
    ]),
  )
})

test('agent.ts goes on when a page is done', async () => {
  const lines = await outputOf(example('agent.ts'), [page, `${page}?second`])
  expect(lines.map((line) => line.replace(/ \(.*/, ''))).toEqual([`${page} is done`, `${page}?second is done`])
})

test('follow-many.ts follows several browsers at once', async () => {
  const lines = await outputOf(example('follow-many.ts'), ['2', page])
  expect(lines.at(-1)).toBe('2 of 2 browsers')
  expect(await browsersLeft()).toEqual([])
})

test('requests.ts prints every request with its answer', async () => {
  const entries = JSON.parse((await outputOf(example('requests.ts'), [page])).join('\n'))
  const byUrl = new Map(entries.map((entry: { url: string; method: string; status: number }) => [entry.url, [entry.method, entry.status]]))
  expect([byUrl.get(page), byUrl.get(`${page}missing.png`), byUrl.get(`${page}data.json`)]).toEqual([
    ['GET', 200],
    ['GET', 404],
    ['GET', 200],
  ])
})

test('resume.ts writes each event once, however often it is killed', async () => {
  const created = await control.request('POST', '/browsers', {
    headless: true,
    start_url: `${page}ticking`,
    telemetry: { browser: { console: { enabled: true }, page: { enabled: true } } },
  })
  const { session_id: id } = JSON.parse(await created.text())
  const file = join(folder.path, 'events.ndjson')
  const seqs = (): number[] => {
    const text = existsSync(file) ? readFileSync(file, 'utf8') : ''
    return text
      .slice(0, text.lastIndexOf('\n') + 1)
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line).seq)
  }
  for (let round = 1; round <= 3; round += 1) {
    await using program = run(example('resume.ts'), [id, file])
    await program.stdout.until(round === 1 ? /^from the beginning$/ : /^behind event \d+$/)
    const before = round === 1 ? 0 : seqs().length
    await untilTrue(() => seqs().length > before + 3)
    program.kill('SIGKILL')
    await program.ended()
    // What a crash leaves behind in the middle of a write.
    writeFileSync(file, '{"seq":1,"ev', { flag: 'a' })
  }
  await using last = run(example('resume.ts'), [id, file])
  await last.stdout.until(/^behind event \d+$/)
  await control.request('DELETE', `/browsers/${id}`)
  expect(await last.ended()).toBe(0)
  expect(last.stdout.all.at(-1)).toBe('the browser has ended; gaps: none')
  const found = seqs()
  expect(found).toEqual([...new Set(found)].sort((a, b) => a - b))
  expect(found.length).toBeGreaterThan(9)
})

/** Looks again in each turn of the event loop; the file is written by another process. */
async function untilTrue(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise(setImmediate)
}

test('playwright.ts and puppeteer.ts drive the browser while telemetry watches', async () => {
  expect(await outputOf(example('playwright.ts'), [page])).toEqual(['the page complained: something is wrong', 'Playwright sees: A page'])
  const [title, answers] = await outputOf(example('puppeteer.ts'), [page])
  expect(title).toBe('Puppeteer sees: A page')
  expect(answers).toMatch(/^[1-9]\d* answers up to event \d+$/)
})

test('every example is run here', () => {
  const own = readFileSync(new URL(import.meta.url), 'utf8')
  expect(readdirSync(join(repositoryRoot, 'examples')).filter((name) => !own.includes(`'${name}'`))).toEqual([])
})
