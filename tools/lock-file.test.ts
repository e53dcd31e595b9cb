import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { repositoryRoot } from './source-files.ts'

interface Entry {
  readonly resolved?: string
  readonly optionalDependencies?: Readonly<Record<string, string>>
}

const entries: Readonly<Record<string, Entry>> = JSON.parse(readFileSync(join(repositoryRoot, 'package-lock.json'), 'utf8')).packages

test('the lock file has the packages of every platform, or npm ci would refuse it', () => {
  const there = new Set(Object.keys(entries).map((path) => path.replace(/^.*node_modules\//, '')))
  const wanted = Object.values(entries).flatMap(({ optionalDependencies = {} }) => Object.keys(optionalDependencies))
  expect(wanted.length).toBeGreaterThan(20)
  expect(wanted.filter((name) => !there.has(name))).toEqual([])
})

test('the lock file names no registry, so that everybody uses their own', () => {
  expect(Object.values(entries).filter(({ resolved }) => resolved?.startsWith('http'))).toEqual([])
})

test('every version is exact', () => {
  const manifest = JSON.parse(readFileSync(join(repositoryRoot, 'package.json'), 'utf8'))
  expect(Object.values(manifest.devDependencies).filter((version) => !/^\d+\.\d+\.\d+$/.test(String(version)))).toEqual([])
})
