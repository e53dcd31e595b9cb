// The command from its sources as one file, so that a test neither depends on a build nor waits for a compiler at each start.
import { rmSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { build, type Plugin } from 'esbuild'
import { afterAll } from 'vitest'

/** Packages from the registry stay where they are; ours are taken from their sources. */
const registryPackages: Plugin = {
  name: 'registry-packages',
  setup: ({ onResolve }) => {
    onResolve({ filter: /^[^./]/ }, ({ path, kind }) =>
      path.startsWith('@tabscope/') || kind === 'entry-point' ? undefined : { path, external: true },
    )
  },
}

/** Writes the file beside the built command, where it finds the package's other files, and removes it after the tests. Answers its path. */
export async function bundleCommand(): Promise<string> {
  const outfile = fileURLToPath(new URL(`../../dist/run-from-source-${process.pid}.mjs`, import.meta.url))
  await build({
    entryPoints: [fileURLToPath(new URL('run.ts', import.meta.url))],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    conditions: ['tabscope-source'],
    plugins: [registryPackages],
    logLevel: 'error',
  })
  afterAll(() => rmSync(outfile, { force: true }))
  return outfile
}
