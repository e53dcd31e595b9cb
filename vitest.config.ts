import { defineConfig } from 'vitest/config'

// Tests run on the sources: the condition `tabscope-source` of each package's `exports` points there. Not `module`, which is for bundlers:
// Node cannot load what some packages have behind it.
const conditions = ['tabscope-source', 'node', 'import', 'default']

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    include: ['packages/*/src/**/*.test.ts', 'tools/**/*.test.ts', 'bench/**/*.test.ts', 'differential/**/*.test.ts'],
    pool: 'forks',
    // Two cores: more workers would only make the Chromiums of the end-to-end tests fight for them.
    maxWorkers: 2,
    testTimeout: 60_000,
    hookTimeout: 60_000,
    passWithNoTests: false,
  },
})
