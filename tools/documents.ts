// Reads what the documents say that can be checked: commands, links, examples. Judges nothing: see the tests.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { repositoryRoot } from './source-files.ts'

export function readDocument(path: string): string {
  return readFileSync(join(repositoryRoot, path), 'utf8')
}

/** The contents of the fenced blocks in that language. */
export function fencedBlocks(markdown: string, language: string): string[] {
  return [...markdown.matchAll(/^```(\w*)\n(.*?)^```$/gms)].filter(([, name]) => name === language).map(([, , content]) => content ?? '')
}

/** The commands of a document: each line of each `sh` block. */
export function commandsOf(markdown: string): string[] {
  return fencedBlocks(markdown, 'sh').flatMap((block) => block.split('\n').filter((line) => line !== ''))
}

/** Where the links of a document lead that stay in the repository. */
export function localLinks(markdown: string): string[] {
  return [...markdown.matchAll(/\]\(([^)#\s]+)[^)]*\)/g)].map(([, target]) => target ?? '').filter((target) => !/^[a-z]+:/.test(target))
}
