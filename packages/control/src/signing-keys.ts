// The keys that sign the tokens of browsers. Each browser's server gets a secret made from one of them for it alone, so that who gets hold
// of that can make no token for another browser. Keys are exchanged without breaking tokens that are out: an old one stays while a browser uses it.
import { randomBytes } from 'node:crypto'
import { createTokenIssuer, secretOfBrowser, tokenKeys } from '@tabscope/http'
import { type Clock, systemClock } from '@tabscope/schema'
import { z } from 'zod'
import { readState, writeState } from './state-file.ts'

const keysSchema = z.object({ keys: z.array(z.object({ id: z.string(), secret: z.string(), createdAt: z.string() })) })
type Key = z.infer<typeof keysSchema>['keys'][number]

/** What a start does to the keys. `rotate`: new tokens are signed by a new key. `revoke`: besides, no old token is good any more. */
export type KeyChange = 'keep' | 'rotate' | 'revoke'

export interface SigningKeys {
  /** The key that signs the tokens of new browsers. */
  readonly currentId: string
  /** The key that a browser's token is signed with: its own, or the newest when that was taken back. */
  keyIdOf(browser: { readonly keyId: string }): string
  /** The token of a browser; the same each time. */
  tokenFor(browser: { readonly id: string; readonly createdAt: string; readonly keyId: string }): Promise<string>
  /** What the server of a browser has to accept, the signing secret first. */
  secretsFor(browser: { readonly id: string; readonly keyId: string }): readonly string[]
  /** Forgets the keys that no browser uses. */
  keepOnly(keyIds: ReadonlySet<string>): Promise<void>
}

/** Reads the keys of a data folder, making the first one. */
export async function openSigningKeys(path: string, change: KeyChange, clock: Clock = systemClock): Promise<SigningKeys> {
  let keys = (await readState(path, keysSchema))?.keys ?? []
  if (keys.length === 0 || change !== 'keep') {
    keys = [newKey(clock), ...(change === 'revoke' ? [] : keys)]
    await writeState(path, { keys })
  }
  // A browser whose key is gone signs with the newest: its old tokens are no good, its new ones are.
  const keyOf = (id: string): Key => {
    const key = keys.find((known) => known.id === id) ?? keys[0]
    if (key === undefined) throw new Error('there is no signing key')
    return key
  }
  return {
    currentId: keyOf('').id,
    keyIdOf: ({ keyId }) => keyOf(keyId).id,
    tokenFor: async ({ id, createdAt, keyId }) => {
      const secret = secretOfBrowser(keyOf(keyId).secret, id)
      // Stamped with the browser's own beginning, so that asking again gives the same token and no client sees its route change.
      const issuedAt: Clock = { ...clock, wallUs: () => Date.parse(createdAt) * 1000 }
      return createTokenIssuer(tokenKeys([secret]), issuedAt).issue(id)
    },
    secretsFor: ({ id, keyId }) => {
      const own = keyOf(keyId)
      return [own, ...keys.filter((key) => key !== own)].map((key) => secretOfBrowser(key.secret, id))
    },
    keepOnly: async (keyIds) => {
      const kept = keys.filter((key, position) => position === 0 || keyIds.has(key.id))
      if (kept.length === keys.length) return
      keys = kept
      await writeState(path, { keys })
    },
  }
}

function newKey(clock: Clock): Key {
  return {
    id: randomBytes(6).toString('base64url'),
    secret: randomBytes(48).toString('base64url'),
    createdAt: new Date(clock.wallUs() / 1000).toISOString(),
  }
}
