// The version of this package, as its package.json says.
import { readFileSync } from 'node:fs'

function readVersion(): string {
  const description: unknown = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'))
  return typeof description === 'object' && description !== null && 'version' in description ? String(description.version) : 'unknown'
}

export const version = readVersion()
