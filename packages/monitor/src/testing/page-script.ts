// Compiles the page script into the text that is checked in and sent to Chromium. Checked in, so that what runs in people's pages is
// one known text, whatever loaded the collector (`dist`, tsx, vitest, a bundler): none of their helpers can get into it.
import { fileURLToPath } from 'node:url'
import { buildSync } from 'esbuild'

const entry = fileURLToPath(new URL('../page-script/main.ts', import.meta.url))

/** Where the compiled script is, from the root of the repository. */
export const pageScriptPath = 'packages/monitor/src/interaction/page-script-source.ts'

/** One self-contained script of some TypeScript; `name` makes its exports a global, for tests. */
export function compileScript(path: string = entry, name?: string): string {
  const built = buildSync({
    entryPoints: [path],
    bundle: true,
    write: false,
    format: 'iife',
    target: 'chrome120',
    charset: 'ascii',
    legalComments: 'none',
    ...(name === undefined ? {} : { globalName: name }),
  })
  return built.outputFiles[0]?.text ?? ''
}

/** The text of the generated module. */
export function pageScriptModule(): string {
  const text = compileScript().replace(/[\\`]|\$\{/g, '\\$&')
  return `// Generated from packages/monitor/src/page-script by \`npm run generate\`; do not change it by hand.\n\n/** The page script: the body of a function of \`pageScriptConfig\`. */\nexport const pageScriptSource = \`${text}\`\n`
}
