// The files of browsers: one folder each, with what is remembered of it, its events and what its server said. Never decides anything.
import { randomBytes } from 'node:crypto'
import { mkdir, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { isIdShaped } from '@tabscope/schema'
import { type BrowserRecord, browserRecordSchema } from './browser-record.ts'
import { readState, writeState } from './state-file.ts'

export interface BrowserStore {
  /** All that are remembered; those whose file cannot be read are told and left alone. */
  load(onDamage: (id: string, cause: unknown) => void): Promise<readonly BrowserRecord[]>
  save(record: BrowserRecord): Promise<void>
  /** Everything of that browser. */
  remove(id: string): Promise<void>
  makeFolder(id: string): Promise<void>
  eventsFolder(id: string): string
  logPath(id: string): string
}

/** The store in a folder. */
export function createBrowserStore(directory: string): BrowserStore {
  const folderOf = (id: string): string => join(directory, id)
  const fileOf = (id: string): string => join(folderOf(id), 'browser.json')
  const saving = new Map<string, Promise<void>>()
  const save = (record: BrowserRecord): Promise<void> => {
    // One after the other, so that an older state never overtakes a newer one.
    const done = (saving.get(record.id) ?? Promise.resolve()).catch(() => undefined).then(() => writeState(fileOf(record.id), record))
    saving.set(record.id, done)
    const forget = (): void => {
      if (saving.get(record.id) === done) saving.delete(record.id)
    }
    done.then(forget, forget)
    return done
  }
  return {
    load: async (onDamage) => {
      await mkdir(directory, { recursive: true, mode: 0o700 })
      const records: BrowserRecord[] = []
      for (const id of (await readdir(directory)).filter(isIdShaped).sort()) {
        try {
          const record = await readState(fileOf(id), browserRecordSchema)
          // A removal that a kill cut short: what was remembered went first.
          if (record === undefined) await rm(folderOf(id), { recursive: true, force: true })
          else if (record.id === id) records.push(record)
        } catch (cause) {
          // One broken file must not keep all the other browsers from being served.
          onDamage(id, cause)
        }
      }
      return records
    },
    save,
    remove: async (id) => {
      await saving.get(id)?.catch(() => undefined)
      await rm(fileOf(id), { force: true })
      await rm(folderOf(id), { recursive: true, force: true, maxRetries: 5 })
    },
    makeFolder: async (id) => {
      await mkdir(folderOf(id), { recursive: true, mode: 0o700 })
    },
    eventsFolder: (id) => join(folderOf(id), 'events'),
    logPath: (id) => join(folderOf(id), 'server.log'),
  }
}

const letters = 'abcdefghijklmnopqrstuvwxyz'
const characters = `${letters}0123456789`

/** A new id for a browser or a destination: not to be guessed, safe in paths and URLs. */
export function newId(): string {
  // 252 is the largest multiple of 36 in a byte: what is above would make some characters likelier than others.
  let id = letters[randomBytes(1).readUInt8() % 26] ?? 'a'
  while (id.length < 24) {
    for (const byte of randomBytes(32)) if (byte < 252 && id.length < 24) id += characters[byte % 36]
  }
  return id
}
