import { defineConfig } from 'vitest/config'

// Tests run on the sources: the condition `tabscope-source` of each package's `exports` points there.
const conditions = ['tabscope-source', 'node', 'import', 'module', 'default']

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    include: ['packages/*/src/**/*.test.ts', 'tools/**/*.test.ts', 'bench/**/*.test.ts'],
    pool: 'forks',
    // Two cores: more workers would only make the Chromiums of the end-to-end tests fight for them.
    maxWorkers: 2,
    testTimeout: 60_000,
    hookTimeout: 60_000,
    passWithNoTests: false,
  },
})
