import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { repositoryRoot } from './source-files.ts'

interface Entry {
  readonly resolved?: string
  readonly optionalDependencies?: Readonly<Record<string, string>>
}

type Entries = Readonly<Record<string, Entry>>

const readEntries = (folder: string): Entries =>
  JSON.parse(readFileSync(join(repositoryRoot, folder, 'package-lock.json'), 'utf8')).packages
const entries = readEntries('.')
const folders = ['.', 'fixtures/npm-pages']

test('the lock file has the packages of every platform, or npm ci would refuse it', () => {
  const there = new Set(Object.keys(entries).map((path) => path.replace(/^.*node_modules\//, '')))
  const wanted = Object.values(entries).flatMap(({ optionalDependencies = {} }) => Object.keys(optionalDependencies))
  expect(wanted.length).toBeGreaterThan(20)
  expect(wanted.filter((name) => !there.has(name))).toEqual([])
})

test.each(folders)('the lock file of %s names no registry, so that everybody uses their own', (folder) => {
  expect(Object.values(readEntries(folder)).filter(({ resolved }) => resolved?.startsWith('http'))).toEqual([])
})

test.each(folders)('every version of %s is exact', (folder) => {
  const { dependencies, devDependencies } = JSON.parse(readFileSync(join(repositoryRoot, folder, 'package.json'), 'utf8'))
  expect(Object.values({ ...dependencies, ...devDependencies }).filter((version) => !/^\d+\.\d+\.\d+$/.test(String(version)))).toEqual([])
})
