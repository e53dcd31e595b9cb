import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { findLayerFaults } from './layers.ts'
import { readPackageSources, repositoryRoot } from './source-files.ts'

const one = (path: string, text: string): string[] => findLayerFaults([{ path, text }])

test.each([
  ['monitor must not import log', 'packages/monitor/src/a.ts', "import { openLog } from '@tabscope/log'"],
  ['monitor must not import log', 'packages/monitor/src/a.ts', "import type { Log } from '@tabscope/log'"],
  ['monitor must not import log', 'packages/monitor/src/a.test.ts', "import type { Log } from '@tabscope/log'"],
  ['log must not import monitor', 'packages/log/src/a.ts', "export * from '@tabscope/monitor'"],
  ['schema must not import cdp', 'packages/schema/src/a.ts', "type A = import('@tabscope/cdp').A"],
  ['sdk must not import server', 'packages/sdk/src/a.ts', "const server = await import('@tabscope/server')"],
  ['sdk must not import node:fs', 'packages/sdk/src/a.ts', "import { readFileSync } from 'node:fs'"],
  ['viewer must not import node:os', 'packages/viewer/src/a.ts', "import type { CpuInfo } from 'node:os'"],
  ['sdk may take only types from schema', 'packages/sdk/src/a.ts', "import { limits } from '@tabscope/schema'"],
  ['sdk has no runtime dependency, but imports zod', 'packages/sdk/src/a.ts', "import { z } from 'zod'"],
  ['newcomer must not import schema', 'packages/newcomer/src/a.ts', "import '@tabscope/schema'"],
  ["is the package's own index.ts", 'packages/log/src/deep/a.ts', "import { b } from '../index.ts'"],
  ['is the package itself', 'packages/log/src/a.ts', "import { b } from '@tabscope/log'"],
  ['leaves the package', 'packages/log/src/a.ts', "import { b } from '../../cdp/src/b.ts'"],
  ['reaches into a package', 'packages/log/src/a.ts', "import { b } from '@tabscope/schema/src/b.ts'"],
  ['reaches into a package', 'packages/monitor/src/a.ts', "import { record } from '@tabscope/cdp/testing'"],
  ['needs its ending .ts', 'packages/log/src/a.ts', "import { b } from './b'"],
  [
    'monitor and log meet only in packages/server/src/serve.ts',
    'packages/server/src/a.ts',
    "import type { A } from '@tabscope/log'\nimport type { B } from '@tabscope/monitor'",
  ],
])('%s: %s with %s', (fault, path, text) => {
  expect(one(path, text)).toEqual([expect.stringContaining(fault)])
})

test.each([
  [
    'packages/server/src/serve.ts',
    "import { a } from '@tabscope/log'\nimport { b } from '@tabscope/monitor'\nimport 'node:fs'\nimport 'pino'",
  ],
  [
    'packages/sdk/src/a.ts',
    "import type { Envelope } from '@tabscope/schema'\nimport { type Gap, type Cursor } from '@tabscope/schema'\nimport { delay } from '@tabscope/schema/clock'",
  ],
  ['packages/sdk/src/a.test.ts', "import { createServer } from 'node:http'\nimport { limits } from '@tabscope/schema'"],
  [
    'packages/monitor/src/testing/a.ts',
    "import { launchBrowser } from '@tabscope/browser'\nimport { record } from '@tabscope/cdp/testing'",
  ],
])('allowed: %s with %s', (path, text) => {
  expect(one(path, text)).toEqual([])
})

test('a circle of files is reported once, also when it goes through types', () => {
  const faults = findLayerFaults([
    { path: 'packages/log/src/a.ts', text: "import { b } from './b.ts'" },
    { path: 'packages/log/src/b.ts', text: "import type { C } from './deep/c.ts'" },
    { path: 'packages/log/src/deep/c.ts', text: "import type { A } from '../a.ts'" },
  ])
  expect(faults).toEqual([
    'files import each other in a circle: packages/log/src/a.ts -> packages/log/src/b.ts -> packages/log/src/deep/c.ts -> packages/log/src/a.ts',
  ])
})

test('one wrong import in the real tree is one more fault', () => {
  const sources = readPackageSources(repositoryRoot)
  const before = findLayerFaults(sources)
  const wrong = { path: 'packages/cdp/src/wrong.ts', text: "import { openBrowser } from '@tabscope/browser'" }
  const after = findLayerFaults([...sources, wrong])
  expect(after.filter((fault) => !before.includes(fault))).toEqual([
    'packages/cdp/src/wrong.ts:1: cdp must not import browser; it may import schema',
  ])
})

test('the command names the wrong import and fails', () => {
  const root = mkdtempSync(join(tmpdir(), 'tabscope-layers-'))
  try {
    const file = join(root, 'packages/cdp/src/wrong.ts')
    mkdirSync(dirname(file), { recursive: true })
    const run = (text: string) => {
      writeFileSync(file, text)
      const done = spawnSync(process.execPath, ['--import', 'tsx', join(repositoryRoot, 'tools/check-layers.ts'), root], {
        encoding: 'utf8',
        cwd: repositoryRoot,
      })
      return { code: done.status, output: done.stdout }
    }
    expect(run("import { a } from '@tabscope/monitor'")).toEqual({
      code: 1,
      output: 'packages/cdp/src/wrong.ts:1: cdp must not import monitor; it may import schema\n',
    })
    expect(run("import { a } from '@tabscope/schema'")).toEqual({ code: 0, output: '' })
  } finally {
    rmSync(root, { recursive: true })
  }
})
