import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createTokenVerifier, tokenKeys } from '@tabscope/http'
import { systemClock } from '@tabscope/schema'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openSigningKeys } from './signing-keys.ts'

let folder = ''
let path = ''

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tabscope-keys-'))
  path = join(folder, 'signing-keys.json')
})

afterEach(async () => {
  await rm(folder, { recursive: true, force: true })
})

const browser = (keyId: string, id = 'b-1') => ({ id, createdAt: '2026-01-02T03:04:05.000Z', keyId })

/** What a server with these secrets says of a token. */
function faultOf(secrets: readonly string[], token: string, browserId = 'b-1'): Promise<string | undefined> {
  return createTokenVerifier(tokenKeys(secrets), { browserId, clock: systemClock }).fault(token)
}

test('a browser has the same token each time, also after a restart, and only its own server takes it', async () => {
  const keys = await openSigningKeys(path, 'keep')
  const own = browser(keys.currentId)
  const other = browser(keys.currentId, 'b-2')
  const token = await keys.tokenFor(own)
  expect(await (await openSigningKeys(path, 'keep')).tokenFor(own)).toBe(token)
  expect(await faultOf(keys.secretsFor(own), token)).toBeUndefined()
  // Not even signed with a key that the other server knows.
  expect(await faultOf(keys.secretsFor(other), token, 'b-2')).toBe('invalid')
  expect((await stat(path)).mode & 0o077).toBe(0)
})

test('rotated: new browsers have a new key, old tokens stay good', async () => {
  const before = await openSigningKeys(path, 'keep')
  const old = browser(before.currentId)
  const token = await before.tokenFor(old)
  const after = await openSigningKeys(path, 'rotate')
  expect(after.currentId).not.toBe(before.currentId)
  expect(await faultOf(after.secretsFor(old), token)).toBeUndefined()
  expect(await after.tokenFor(old)).toBe(token)
  // Once no browser uses it, the old key goes.
  await after.keepOnly(new Set([after.currentId]))
  expect(JSON.parse(await readFile(path, 'utf8')).keys.length).toBe(1)
})

test('revoked: old tokens are no good, and a browser gets another', async () => {
  const before = await openSigningKeys(path, 'keep')
  const old = browser(before.currentId)
  const token = await before.tokenFor(old)
  const after = await openSigningKeys(path, 'revoke')
  expect(await faultOf(after.secretsFor(old), token)).toBe('invalid')
  const renewed = { ...old, keyId: after.keyIdOf(old) }
  expect(await faultOf(after.secretsFor(renewed), await after.tokenFor(renewed))).toBeUndefined()
})

test('a file that is damaged is told and not written over', async () => {
  await writeFile(path, '{"keys": [')
  await expect(openSigningKeys(path, 'keep')).rejects.toMatchObject({ code: 'data_folder_not_writable' })
  expect(await readFile(path, 'utf8')).toBe('{"keys": [')
})
