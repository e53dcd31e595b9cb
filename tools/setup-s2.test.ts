import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { repositoryRoot } from './source-files.ts'

/** Runs the real set-up on a machine that has only these programs. */
function runSetup(programs: Readonly<Record<string, string>>): { code: number | null; said: string; calls: string } {
  const folder = mkdtempSync(join(tmpdir(), 'tabscope-setup-s2-'))
  try {
    for (const [name, script] of Object.entries(programs)) writeFileSync(join(folder, name), script, { mode: 0o755 })
    const calls = join(folder, 'calls')
    const env = { PATH: folder, HOME: folder, CALLS: calls, FOLDER: folder }
    const done = spawnSync(process.execPath, [join(repositoryRoot, 'tools', 'setup-s2.mjs')], { encoding: 'utf8', env, timeout: 60_000 })
    return { code: done.status, said: done.stderr, calls: existsSync(calls) ? readFileSync(calls, 'utf8').trimEnd() : '' }
  } finally {
    rmSync(folder, { recursive: true })
  }
}

const builder = '#!/bin/sh\necho "$*" >> "$CALLS"\necho "#!/bin/sh" > "$FOLDER/s2"\n/bin/chmod 755 "$FOLDER/s2"\n'

test('where there is an s2, nothing is done and nothing said', () => {
  expect(runSetup({ s2: '#!/bin/sh\n', cargo: builder })).toEqual({ code: 0, said: '', calls: '' })
})

test('where there is none, cargo builds the pinned version', () => {
  const { code, calls } = runSetup({ cargo: builder })
  expect({ code, calls }).toEqual({ code: 0, calls: 'install --locked s2-cli --version 0.43.4' })
})

test('without cargo it says what to install; a cargo that fails is told', () => {
  expect(runSetup({})).toMatchObject({ code: 1, said: expect.stringContaining('there is no cargo on this machine') })
  expect(runSetup({ cargo: '#!/bin/sh\nexit 101\n' })).toMatchObject({ code: 1, said: expect.stringContaining('code 101') })
})
