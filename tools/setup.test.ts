import { expect, test } from 'vitest'
import { isNodeNewEnough, missingPackages } from './setup.mjs'

test('Node 20.19 and newer is enough, older is not', () => {
  expect(['18.20.0', '20.18.9', '20.19.0', '20.20.2', '22.0.0', '24.1.0'].map(isNodeNewEnough)).toEqual([
    false,
    false,
    true,
    true,
    true,
    true,
  ])
})

const lock = {
  packages: {
    '': { version: '0.1.0' },
    'packages/log': { version: '0.1.0' },
    'node_modules/@tabscope/log': { link: true },
    'node_modules/ws': { version: '8.23.0' },
    'node_modules/only-on-another-system': { version: '1.0.0', optional: true },
  },
}

test('what npm installed from the same lock file is complete, optional packages aside', () => {
  expect(
    missingPackages(lock, { packages: { 'node_modules/@tabscope/log': { link: true }, 'node_modules/ws': { version: '8.23.0' } } }),
  ).toEqual([])
})

test('a package in another version, and one that is not there, are missing', () => {
  expect(missingPackages(lock, { packages: { 'node_modules/ws': { version: '8.22.0' } } })).toEqual([
    'node_modules/@tabscope/log',
    'node_modules/ws',
  ])
})

test('without any record of an install everything is missing', () => {
  expect(missingPackages(lock, {})).toEqual(['node_modules/@tabscope/log', 'node_modules/ws'])
})
