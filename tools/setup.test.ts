import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { findChromium } from '@tabscope/browser'
import { expect, test } from 'vitest'
import { isNodeNewEnough, missingPackages } from './setup.mjs'
import { repositoryRoot } from './source-files.ts'

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

/** Runs the real set-up with only these programs on the PATH, beside node. */
function runSetup(
  programs: Readonly<Record<string, string>>,
  variables: NodeJS.ProcessEnv = {},
): { code: number | null; said: string; calls: string[] } {
  const folder = mkdtempSync(join(tmpdir(), 'tabscope-setup-'))
  try {
    for (const [name, script] of Object.entries(programs)) writeFileSync(join(folder, name), script, { mode: 0o755 })
    const calls = join(folder, 'calls')
    const env = { PATH: folder, HOME: folder, CALLS: calls, ...variables }
    const done = spawnSync(process.execPath, [join(repositoryRoot, 'tools', 'setup.mjs')], { encoding: 'utf8', env, timeout: 120_000 })
    return { code: done.status, said: done.stderr, calls: existsSync(calls) ? readFileSync(calls, 'utf8').trimEnd().split('\n') : [] }
  } finally {
    rmSync(folder, { recursive: true })
  }
}

const recorder = '#!/bin/sh\necho "$DEBIAN_FRONTEND $*" >> "$CALLS"\n'
const nothing = '#!/bin/sh\n'

test('when all is there, set-up calls nobody and says nothing', () => {
  const programs = { ffmpeg: nothing, Xvfb: nothing, 'apt-get': recorder }
  expect(runSetup(programs, { CHROMIUM_PATH: findChromium() })).toEqual({ code: 0, said: '', calls: [] })
})

test('as root what is missing is installed by apt, without questions; others are told what to install', () => {
  const { code, said, calls } = runSetup({ 'apt-get': recorder })
  expect(code).toBe(0)
  const packages = 'chromium fonts-liberation ffmpeg xvfb'
  const isRoot = process.getuid?.() === 0
  expect(calls).toEqual(isRoot ? ['noninteractive update -q', `noninteractive install -q -y --no-install-recommends ${packages}`] : [])
  expect(said).toContain(isRoot ? `apt-get install ${packages}` : '`sudo apt-get install ffmpeg xvfb`')
})

test('where apt fails or is not there, set-up says what to install and how to name a browser, and goes on', () => {
  for (const programs of [{ 'apt-get': '#!/bin/sh\nexit 100\n' }, {}]) {
    const { code, said } = runSetup(programs)
    expect(code).toBe(0)
    expect(said).toContain('`sudo apt-get install ffmpeg xvfb`')
    expect(said).toContain('`npm start -- --chromium PATH`')
    expect(said).toContain('CHROMIUM_PATH=PATH')
  }
})

test('a CHROMIUM_PATH that is wrong stops set-up with the reason', () => {
  const { code, said, calls } = runSetup({ 'apt-get': recorder }, { CHROMIUM_PATH: '/nowhere/chromium' })
  expect(code).toBe(1)
  expect(said).toContain('"/nowhere/chromium" is not an executable file.')
  expect(calls).toEqual([])
})
