#!/usr/bin/env node
// Starts the built command. Says how to build when that was not done yet; never builds by itself.
import { existsSync } from 'node:fs'

const main = new URL('../dist/main.js', import.meta.url)
if (existsSync(main)) {
  const { main: run } = await import(main.href)
  await run(process.argv)
} else {
  process.stderr.write('tabscope is not built yet. In the repository run `npm start` (sets everything up) or `npm run build`.\n')
  process.exitCode = 1
}
