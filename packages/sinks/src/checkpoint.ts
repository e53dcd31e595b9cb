// How far a sink has come, in one small file: written beside, flushed, then renamed over the old one, so that whatever happens there is an
// old or a new one and never a half. It lags behind what was written by the last write or two: it says what is there for certain.
import { mkdir, open, readFile, rename } from 'node:fs/promises'
import { dirname } from 'node:path'

/** Everything up to `seq` is at `destination`. */
export interface Place {
  readonly destination: string
  readonly seq: number
}

export interface Checkpoint {
  /** What was found when it was opened; undefined in the beginning, and when the file is damaged. */
  readonly found: Place | undefined
  /** Why the file that was found does not count; undefined when it does, or when there is none. */
  readonly damage: string | undefined
  /** When it resolves, the place survives a power cut. One at a time. */
  save(place: Place): Promise<void>
}

const formatVersion = 1

function parsePlace(text: string): Place | undefined {
  let parsed: unknown
  try {
    parsed = JSON.parse(text)
  } catch {
    // Said to the caller as damage.
    return undefined
  }
  if (typeof parsed !== 'object' || parsed === null) return undefined
  const { version, destination, seq } = parsed as Readonly<Record<string, unknown>>
  if (version !== formatVersion || typeof destination !== 'string') return undefined
  return typeof seq === 'number' && Number.isSafeInteger(seq) && seq >= 0 ? { destination, seq } : undefined
}

async function readText(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  }
}

async function syncFolder(path: string): Promise<void> {
  // Windows has no such call; there the file system's own journal has to do.
  if (process.platform === 'win32') return
  await using folder = await open(path, 'r')
  await folder.sync()
}

async function save(path: string, place: Place): Promise<void> {
  const beside = `${path}.new`
  await mkdir(dirname(path), { recursive: true, mode: 0o700 })
  {
    await using file = await open(beside, 'w', 0o600)
    await file.writeFile(`${JSON.stringify({ version: formatVersion, ...place })}\n`)
    await file.datasync()
  }
  await rename(beside, path)
  await syncFolder(dirname(path))
}

/** Opens the checkpoint at that path; nothing is made before the first `save`. */
export async function openCheckpoint(path: string): Promise<Checkpoint> {
  const text = await readText(path)
  const found = text === undefined ? undefined : parsePlace(text)
  const damage = text !== undefined && found === undefined ? `${path} is not a checkpoint of this release` : undefined
  return { found, damage, save: (place) => save(path, place) }
}

/** A checkpoint that nobody keeps: for a log without a disk, whose numbers begin again with every run. */
export function createForgetfulCheckpoint(): Checkpoint {
  return { found: undefined, damage: undefined, save: async () => undefined }
}
