import { existsSync, readdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import ts from 'typescript'
import { expect, test } from 'vitest'
import { fencedBlocks, localLinks, readDocument } from './documents.ts'
import { repositoryRoot } from './source-files.ts'

const documents = [...readdirSync(repositoryRoot), ...readdirSync(join(repositoryRoot, 'docs')).map((name) => `docs/${name}`)].filter(
  (name) => name.endsWith('.md'),
)

test.each(documents)('every link of %s leads to something that is there', (path) => {
  const missing = localLinks(readDocument(path)).filter((target) => !existsSync(join(repositoryRoot, dirname(path), target)))
  expect(missing).toEqual([])
})

test('the TypeScript examples of the README and of docs/sdk.md compile', () => {
  const options: ts.CompilerOptions = {
    target: ts.ScriptTarget.ES2023,
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
    customConditions: ['tabscope-source'],
    allowImportingTsExtensions: true,
    noEmit: true,
    strict: true,
    skipLibCheck: true,
    types: ['node'],
  }
  const examples = new Map(
    fencedBlocks(readDocument('README.md'), 'ts').map((text, index) => [
      join(repositoryRoot, 'tools', `readme-example-${index}.mts`),
      text,
    ]),
  )
  // These build on one another.
  examples.set(join(repositoryRoot, 'tools', 'sdk-examples.mts'), fencedBlocks(readDocument('docs/sdk.md'), 'ts').join('\n'))
  expect(examples.size).toBeGreaterThan(1)
  const host = ts.createCompilerHost(options)
  const { fileExists, readFile } = host
  host.fileExists = (path) => examples.has(path) || fileExists(path)
  host.readFile = (path) => examples.get(path) ?? readFile(path)
  const program = ts.createProgram([...examples.keys()], options, host)
  const faults = [...examples.keys()].flatMap((path) => ts.getPreEmitDiagnostics(program, program.getSourceFile(path)))
  expect(faults.map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'))).toEqual([])
})

const invariants = [...readDocument('ARCHITECTURE.md').matchAll(/Test: `([^`]+)`, “([^”]+)”/g)]

test.each(invariants.map(([, file, name]) => [name, file]))('the invariant\'s test "%s" is in %s', (name, file) => {
  expect(readDocument(file ?? '')).toContain(name)
})

test('each of the ten invariants names at least one test', () => {
  const numbered = readDocument('ARCHITECTURE.md')
    .split(/^## /m)
    .find((section) => section.startsWith('Invariants'))
    ?.split(/^(?=\d+\. )/m)
    .slice(1)
  expect(numbered?.map((text) => /Test: `/.test(text))).toEqual(Array.from({ length: 10 }, () => true))
})
