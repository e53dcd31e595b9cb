// Makes @tabscope/sdk as it is published: one file of JavaScript and its types, needing nothing. What it takes from packages/schema (types, the
// clock, some bounds) is put into it. See docs/decisions/0060-client-package.md.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join, posix, relative } from 'node:path'
import { gzipSync } from 'node:zlib'
import { build, type Plugin } from 'esbuild'
import ts from 'typescript'
import { limits } from '../packages/schema/src/index.ts'
import { repositoryRoot } from './source-files.ts'

const entry = join(repositoryRoot, 'packages/sdk/src/index.ts')

/** The bounds of the client only: the table of all has a reason for each, which nobody should have to download. */
const clientLimits: Plugin = {
  name: 'client-limits',
  setup: ({ onLoad }) => {
    onLoad({ filter: /packages\/schema\/src\/limits\.ts$/ }, () => {
      const own = Object.fromEntries(Object.entries(limits).filter(([name]) => name.startsWith('client')))
      return { contents: `export const limits = ${JSON.stringify(own)}`, loader: 'js' }
    })
  },
}

/** The code as one ES module for Node 20 and today's browsers. */
export async function bundleClient(options: { minify: boolean } = { minify: false }): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [entry],
    bundle: true,
    format: 'esm',
    platform: 'neutral',
    target: ['node20.19', 'es2022'],
    conditions: ['tabscope-source'],
    plugins: [clientLimits],
    minify: options.minify,
    legalComments: 'none',
    write: false,
    logLevel: 'error',
  })
  return outputFiles[0]?.text ?? ''
}

/** Bytes of the code as it is, minified, and minified and compressed. */
export async function clientSizes(): Promise<{ plain: number; minified: number; gzip: number }> {
  const [plain, minified] = await Promise.all([bundleClient(), bundleClient({ minify: true })])
  return { plain: Buffer.byteLength(plain), minified: Buffer.byteLength(minified), gzip: gzipSync(minified, { level: 9 }).byteLength }
}

/** The declarations that the public ones refer to, by their path in the package. */
function declarations(): ReadonlyMap<string, string> {
  const base = ts.parseConfigFileTextToJson('tsconfig.base.json', readFileSync(join(repositoryRoot, 'tsconfig.base.json'), 'utf8')).config
  const { options } = ts.convertCompilerOptionsFromJson(base.compilerOptions, repositoryRoot)
  // First, or they would count as files of another package, for which nothing is written.
  const shared = ['clock', 'cursor'].map((name) => join(repositoryRoot, 'packages/schema/src', `${name}.ts`))
  const program = ts.createProgram([...shared, entry], {
    ...options,
    composite: false,
    incremental: false,
    sourceMap: false,
    declarationMap: false,
    emitDeclarationOnly: true,
    customConditions: ['tabscope-source'],
    rootDir: join(repositoryRoot, 'packages'),
    outDir: '/out',
  })
  const emitted = new Map<string, string>()
  program.emit(undefined, (file, text) => emitted.set(relative('/out', file), text))
  return reachable(emitted)
}

function reachable(emitted: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
  const found = new Map<string, string>()
  const visit = (path: string): void => {
    if (found.has(path)) return
    const text = emitted.get(path)
    if (text === undefined) throw new Error(`the types refer to ${path}, which is none of the package's`)
    const inner = new Set<string>()
    const rewritten = text.replace(/(from |import\()(['"])([^'"]+)\2/g, (_match, before: string, quote: string, specifier: string) => {
      const target = targetOf(path, specifier)
      inner.add(target)
      const from = posix.relative(posix.dirname(path), target.replace(/\.d\.ts$/, '.js'))
      return `${before}${quote}${from.startsWith('.') ? from : `./${from}`}${quote}`
    })
    found.set(path, rewritten)
    for (const target of inner) visit(target)
  }
  visit('sdk/src/index.d.ts')
  return found
}

function targetOf(path: string, specifier: string): string {
  const shared = /^@tabscope\/schema\/(\w+)$/.exec(specifier)?.[1]
  if (shared !== undefined) return `schema/src/${shared}.d.ts`
  if (!specifier.startsWith('.')) throw new Error(`the types of ${path} need ${specifier}, which the package does not bring along`)
  return posix.join(posix.dirname(path), specifier.replace(/\.ts$/, '.d.ts'))
}

/** Writes the package into an empty folder. */
export async function writeClientPackage(folder: string): Promise<void> {
  rmSync(folder, { recursive: true, force: true })
  const write = (path: string, text: string): void => {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), text)
  }
  const { name, version, description, license, engines } = JSON.parse(
    readFileSync(join(repositoryRoot, 'packages/sdk/package.json'), 'utf8'),
  )
  const manifest = {
    name,
    version,
    description,
    license,
    type: 'module',
    engines,
    sideEffects: false,
    exports: { '.': { types: './types/sdk/src/index.d.ts', default: './index.js' } },
  }
  write('package.json', `${JSON.stringify(manifest, undefined, 2)}\n`)
  write('index.js', await bundleClient())
  for (const [path, text] of declarations()) write(join('types', path), text)
  write('LICENSE', readFileSync(join(repositoryRoot, 'LICENSE'), 'utf8'))
  write('README.md', readFileSync(join(repositoryRoot, 'docs/sdk.md'), 'utf8'))
}
