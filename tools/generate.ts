// `npm run generate`: writes everything that is derived: from packages/schema, and the page script of packages/monitor as one text.
// `--check` writes nothing and exits 1 naming the files that differ; `npm run check` does that, so that code and documents cannot part.
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { documents, outdated } from './generate/documents.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const differing = outdated(root)

if (process.argv.includes('--check')) {
  for (const path of differing) process.stderr.write(`${path} is not what it is derived from. Run \`npm run generate\` and commit it.\n`)
  process.exitCode = differing.length === 0 ? 0 : 1
} else {
  const texts = documents(root)
  for (const path of differing) {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), texts.get(path) ?? '')
  }
  process.stdout.write(differing.length === 0 ? 'Everything is up to date.\n' : `Wrote ${differing.join(', ')}.\n`)
}
