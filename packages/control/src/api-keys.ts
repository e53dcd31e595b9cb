// Who may use the control plane: API keys, of which only hashes are kept. Comparing takes the same time whatever was sent.
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'
import { z } from 'zod'
import { readState, writeState } from './state-file.ts'

export interface ApiKeys {
  /** Whether the request carries one of the keys. */
  admits(headers: IncomingHttpHeaders): boolean
}

/** Keys that were given. */
export function apiKeysOf(keys: readonly string[]): ApiKeys {
  return admitting(keys.map(hashOf))
}

const fileSchema = z.object({ sha256: z.string() })

/** The key of a data folder, for when none was given: made at the first start and shown once, because only its hash is kept. */
export async function openApiKeys(path: string): Promise<{ readonly keys: ApiKeys; readonly generated: string | undefined }> {
  const known = await readState(path, fileSchema)
  if (known !== undefined) return { keys: admitting([Buffer.from(known.sha256, 'base64')]), generated: undefined }
  const generated = `tsk_${randomBytes(24).toString('base64url')}`
  await writeState(path, { sha256: hashOf(generated).toString('base64') })
  return { keys: apiKeysOf([generated]), generated }
}

function admitting(hashes: readonly Buffer[]): ApiKeys {
  return {
    admits: ({ authorization }) => {
      const given = hashOf(/^Bearer +(\S+) *$/i.exec(authorization ?? '')?.[1] ?? '')
      // All are compared, so that the time tells nothing about which one fitted.
      return hashes.map((hash) => hash.length === given.length && timingSafeEqual(hash, given)).includes(true)
    },
  }
}

function hashOf(key: string): Buffer {
  return createHash('sha256').update(key).digest()
}
