// @tabscope/sdk as somebody gets it who installs it: what is in the package, how large it is, and that it needs nothing.
import { execFile } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Folder, makeFolder } from '../packages/cli/src/testing/folder.ts'
import { clientSizes, writeClientPackage } from './client-package.ts'
import { repositoryRoot } from './source-files.ts'

const runFile = promisify(execFile)
let folder: Folder
let installed = ''

beforeAll(async () => {
  folder = await makeFolder()
  installed = join(folder.path, 'node_modules', '@tabscope', 'sdk')
  await writeClientPackage(installed)
})

afterAll(async () => {
  await folder[Symbol.asyncDispose]()
})

test('it is small: below 12 KiB minified and compressed', async () => {
  expect((await clientSizes()).gzip).toBeLessThan(12 * 1024)
})

test('it depends on nothing, neither by its manifest nor by its code', () => {
  const manifest = JSON.parse(readFileSync(join(installed, 'package.json'), 'utf8'))
  expect(Object.keys(manifest).filter((key) => /dependencies/i.test(key))).toEqual([])
  expect([manifest.name, manifest.type, manifest.engines, manifest.exports]).toEqual([
    '@tabscope/sdk',
    'module',
    { node: '>=20.19' },
    { '.': { types: './types/sdk/src/index.d.ts', default: './index.js' } },
  ])
  const code = readFileSync(join(installed, 'index.js'), 'utf8')
  expect(code.match(/^import |\bimport\(|\brequire\(|node:/gm)).toBeNull()
})

test('it offers these names, and no others', async () => {
  const program = `import * as sdk from '@tabscope/sdk'; console.log(JSON.stringify(Object.keys(sdk).sort()))`
  writeFileSync(join(folder.path, 'names.mjs'), program)
  const { stdout } = await runFile(process.execPath, [join(folder.path, 'names.mjs')], { cwd: folder.path })
  expect(JSON.parse(stdout)).toEqual([
    'APIConnectionError',
    'APIConnectionTimeoutError',
    'APIError',
    'AuthenticationError',
    'BadRequestError',
    'ConflictError',
    'InternalServerError',
    'NotFoundError',
    'PermissionDeniedError',
    'RateLimitError',
    'StreamError',
    'Tabscope',
    'TabscopeError',
    'UnprocessableEntityError',
    'createSseDecoder',
    'describeError',
    'followStream',
    'readEvents',
    'readStreamState',
  ])
})

const consumer = `
import { type Envelope, type EventOf, NotFoundError, Tabscope } from '@tabscope/sdk'

const client: Tabscope = new Tabscope({ apiKey: 'k' })
export async function program(): Promise<void> {
  const browser = await client.browsers.create({ telemetry: { browser: { page: { enabled: true } } } })
  for await (const { seq, event } of client.browsers.telemetry.stream(browser.session_id)) {
    const place: number = seq
    if (event.type === 'network_response') console.log(place, event.data.status.toFixed(), event.data.url)
    // @ts-expect-error a console line has no status
    if (event.type === 'console_log') console.log(event.data.status)
  }
  const { event } = await client.browsers.telemetry.waitFor('b', ['page_load', 'page_navigation'])
  const type: 'page_load' | 'page_navigation' = event.type
  const other: Envelope = await client.browsers.telemetry.waitFor('b', 'of_a_newer_server')
  for await (const listed of client.browsers.list({ status: 'all' })) console.log(listed.session_id, type, other.seq)
}
export const isGone = (error: unknown): boolean => error instanceof NotFoundError && error.code === 'browser_gone'
export const loadTime = (load: EventOf<'page_load'>): number => load.ts
`

test.each([
  ['a page', { lib: ['ES2022', 'DOM', 'DOM.AsyncIterable'], types: [], module: 'ESNext', moduleResolution: 'Bundler' }],
  ['a program of Node', { lib: ['ES2023'], types: ['node'], typeRoots: [join(repositoryRoot, 'node_modules/@types')], module: 'NodeNext' }],
])('its types are complete and strict for %s, without skipLibCheck', async (name, options) => {
  const project = join(folder.path, name.replaceAll(' ', '-'))
  mkdirSync(project)
  writeFileSync(join(project, 'package.json'), '{"type":"module"}')
  writeFileSync(join(project, 'program.ts'), consumer)
  const compilerOptions = {
    ...options,
    target: 'ES2022',
    strict: true,
    noEmit: true,
    skipLibCheck: false,
    exactOptionalPropertyTypes: true,
  }
  writeFileSync(join(project, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['program.ts'] }))
  const compiler = join(repositoryRoot, 'node_modules/typescript/bin/tsc')
  const problem = await runFile(process.execPath, [compiler, '-p', project]).then(
    () => '',
    (error: { stdout: string }) => error.stdout,
  )
  expect(problem).toBe('')
})
