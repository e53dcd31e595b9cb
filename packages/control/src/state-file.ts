// One JSON value in a file that is either whole or as it was before, also after a power cut: written beside it, flushed, renamed over it.
// Files may hold secrets, so only this user reads them. A file that is damaged is told, never guessed at.
import { randomUUID } from 'node:crypto'
import { mkdir, open, readFile, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { TelemetryError } from '@tabscope/schema'
import type { z } from 'zod'

/** The value of the file, or undefined when there is none. Throws `data_folder_not_writable` naming a file that cannot be understood. */
export async function readState<Value>(path: string, schema: z.ZodType<Value>): Promise<Value | undefined> {
  try {
    return schema.parse(JSON.parse(await readFile(path, 'utf8')))
  } catch (cause) {
    if (isMissing(cause)) return undefined
    throw new TelemetryError('data_folder_not_writable', { directory: path, reason: 'it is damaged or unreadable' }, { cause })
  }
}

/** Writes the value; when it resolves it survives a power cut. */
export async function writeState(path: string, value: unknown): Promise<void> {
  const folder = dirname(path)
  const beside = `${path}.${randomUUID()}`
  await mkdir(folder, { recursive: true, mode: 0o700 })
  try {
    const file = await open(beside, 'wx', 0o600)
    try {
      await file.writeFile(`${JSON.stringify(value, undefined, 1)}\n`)
      await file.datasync()
    } finally {
      await file.close()
    }
    await rename(beside, path)
    await syncFolder(folder)
  } catch (error) {
    await rm(beside, { force: true })
    throw error
  }
}

async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r')
  try {
    await folder.sync()
  } finally {
    await folder.close()
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT'
}
