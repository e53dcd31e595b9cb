// The rules of ARCHITECTURE.md about who may import whom, as data and as one pure function over source texts.
// Tests may import more: a browser to look at, http's check of answers, and `node:` anywhere.
import { posix } from 'node:path'
import { type Import, importsOf, type SourceText } from './source-files.ts'

/** package → the packages that it may import. A package that is not here may import nothing and is reported. */
export const layers: Readonly<Record<string, readonly string[]>> = {
  schema: [],
  cdp: ['schema'],
  log: ['schema'],
  browser: ['schema'],
  sdk: ['schema'],
  viewer: ['schema'],
  http: ['schema'],
  monitor: ['schema', 'cdp'],
  sinks: ['schema', 'log'],
  server: ['schema', 'http', 'cdp', 'monitor', 'log', 'sinks', 'browser'],
  control: ['schema', 'http', 'log', 'sinks', 'browser'],
  cli: ['schema', 'sdk', 'log', 'sinks', 'server', 'control'],
}

/** These run in other people's programs and pages: no `node:`, no dependency, of schema only types and `pureSubpaths`. */
const portable: readonly string[] = ['sdk', 'viewer']
const pureSubpaths: readonly string[] = ['@tabscope/schema/clock', '@tabscope/schema/cursor', '@tabscope/schema/limits']
const testsMayImport: readonly string[] = ['schema', 'browser', 'http']
const meetingPlace = 'packages/server/src/serve.ts'

interface File {
  readonly path: string
  readonly package: string
  readonly isTest: boolean
  readonly imports: readonly Import[]
}

/** What is wrong, one sentence each with file and line; empty when the house is in order. */
export function findLayerFaults(sources: readonly SourceText[]): string[] {
  const files = sources.map(readFile)
  return [
    ...files.flatMap((file) =>
      file.imports.flatMap((entry) => faultOf(file, entry).map((fault) => `${file.path}:${entry.line}: ${fault}`)),
    ),
    ...files.flatMap(faultOfMeeting),
    ...findCycles(files),
  ]
}

function readFile(source: SourceText): File {
  return {
    path: source.path,
    package: source.path.split('/')[1] ?? '',
    isTest: /\.test\.ts$|\/testing\//.test(source.path),
    imports: importsOf(source),
  }
}

function faultOf(file: File, entry: Import): string[] {
  const { specifier } = entry
  if (specifier.startsWith('.')) return faultOfRelative(file, specifier)
  if (specifier.startsWith('@tabscope/') || specifier === 'tabscope') return faultOfPackage(file, entry)
  if (file.isTest) return []
  if (specifier.startsWith('node:')) {
    return [...portable, 'schema'].includes(file.package) ? [`${file.package} must not import ${specifier}: it also runs outside Node`] : []
  }
  return portable.includes(file.package) && !entry.typeOnly ? [`${file.package} has no runtime dependency, but imports ${specifier}`] : []
}

function faultOfRelative(file: File, specifier: string): string[] {
  const target = posix.join(posix.dirname(file.path), specifier)
  const home = `packages/${file.package}/src/`
  if (!target.startsWith(home))
    return file.isTest && !target.startsWith('packages/') ? [] : [`${specifier} leaves the package; use @tabscope/<name>`]
  if (!/\.(m?ts|json)$/.test(specifier)) return [`${specifier} needs its ending .ts`]
  return target === `${home}index.ts` ? [`${specifier} is the package's own index.ts; import the file that defines it`] : []
}

function faultOfPackage(file: File, { specifier, typeOnly }: Import): string[] {
  const name = packageOf(specifier)
  if (name === file.package) return [`${specifier} is the package itself; import the file that defines it`]
  const allowed = [...(layers[file.package] ?? []), ...(file.isTest ? testsMayImport : [])]
  if (!allowed.includes(name)) return [`${file.package} must not import ${name}; it may import ${allowed.join(', ') || 'no package'}`]
  const isTesting = file.isTest && specifier === `@tabscope/${name}/testing`
  if (specifier.split('/').length > 2 && !pureSubpaths.includes(specifier) && !isTesting)
    return [`${specifier} reaches into a package; use its index`]
  const needsTypes = portable.includes(file.package) && !file.isTest && !typeOnly && !pureSubpaths.includes(specifier)
  return needsTypes ? [`${file.package} may take only types from ${name}; write \`import type\``] : []
}

function packageOf(specifier: string): string {
  return specifier === 'tabscope' ? 'cli' : (specifier.split('/')[1] ?? '')
}

function faultOfMeeting(file: File): string[] {
  const names = new Set(file.imports.map((entry) => entry.specifier))
  const meet = names.has('@tabscope/monitor') && names.has('@tabscope/log')
  return meet && !file.isTest && file.path !== meetingPlace ? [`${file.path}: monitor and log meet only in ${meetingPlace}`] : []
}

/** One line per circle of files that import each other, type imports included. */
function findCycles(files: readonly File[]): string[] {
  const graph = new Map(files.map((file) => [file.path, relativeTargets(file)]))
  const done = new Set<string>()
  const faults: string[] = []
  const visit = (path: string, trail: readonly string[]): void => {
    const start = trail.indexOf(path)
    if (start >= 0) faults.push(`files import each other in a circle: ${[...trail.slice(start), path].join(' -> ')}`)
    if (start >= 0 || done.has(path)) return
    for (const target of graph.get(path) ?? []) visit(target, [...trail, path])
    done.add(path)
  }
  for (const path of graph.keys()) visit(path, [])
  return faults
}

function relativeTargets(file: File): string[] {
  return file.imports
    .filter((entry) => entry.specifier.startsWith('.'))
    .map((entry) => posix.join(posix.dirname(file.path), entry.specifier))
}
