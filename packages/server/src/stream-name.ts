// The name of a server's own stream in S2, when nobody gives it one: that of its browser, else one that its data folder keeps. Two logs
// never share a name by accident, and a restart finds its own again.
import { randomUUID } from 'node:crypto'
import { mkdir, open, readFile } from 'node:fs/promises'
import { TelemetryError } from '@tabscope/schema'
import { browserStreamName, messageOf } from '@tabscope/sinks'

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

async function readId(path: string): Promise<string | undefined> {
  try {
    const text = (await readFile(path, 'utf8')).trim()
    // A crash while it was made: nothing was ever sent under it.
    return uuid.test(text) ? text : undefined
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  }
}

async function makeId(directory: string): Promise<string> {
  const id = randomUUID()
  await mkdir(directory, { recursive: true, mode: 0o700 })
  await using file = await open(`${directory}/id`, 'w', 0o600)
  await file.writeFile(`${id}\n`)
  // It must be there after a power cut: the stream of that name will be.
  await file.sync()
  return id
}

/** Errors: data_folder_not_writable. */
export async function ownStreamName(browserId: string | undefined, directory: string | undefined): Promise<string> {
  if (browserId !== undefined) return browserStreamName(browserId)
  if (directory === undefined) return `tabscope/${randomUUID()}`
  try {
    return `tabscope/${(await readId(`${directory}/id`)) ?? (await makeId(directory))}`
  } catch (error) {
    throw new TelemetryError('data_folder_not_writable', { directory, reason: messageOf(error) }, { cause: error })
  }
}
