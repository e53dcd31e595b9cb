// The real file system. What it makes is for this user alone: events hold what people do. Never retries, never hides an error.
import { type FileHandle, mkdir, open, readdir, unlink } from 'node:fs/promises'
import { dirname } from 'node:path'
import { codeOf, type FileSystem, type OpenFile } from './files.ts'
import { lockFolder } from './folder-lock.ts'

async function readFully(handle: FileHandle, target: Uint8Array, position: number): Promise<number> {
  let filled = 0
  while (filled < target.length) {
    const { bytesRead } = await handle.read(target, filled, target.length - filled, position + filled)
    if (bytesRead === 0) break
    filled += bytesRead
  }
  return filled
}

// What is left of the chunks after their first `bytes`.
function skip(chunks: readonly Uint8Array[], bytes: number): Uint8Array[] {
  let left = bytes
  return chunks.flatMap((chunk) => {
    const skipped = Math.min(left, chunk.length)
    left -= skipped
    return skipped === chunk.length ? [] : [chunk.subarray(skipped)]
  })
}

async function writeFully(handle: FileHandle, chunks: readonly Uint8Array[], position: number): Promise<void> {
  let rest = [...chunks]
  for (let at = position; rest.length > 0; ) {
    // A disk that fills up takes a part first and refuses the rest with an error.
    const { bytesWritten } = await handle.writev(rest, at)
    at += bytesWritten
    rest = skip(rest, bytesWritten)
  }
}

function openedFile(handle: FileHandle): OpenFile {
  return {
    read: (target, position) => readFully(handle, target, position),
    write: (chunks, position) => writeFully(handle, chunks, position),
    truncate: (sizeBytes) => handle.truncate(sizeBytes),
    size: async () => (await handle.stat()).size,
    sync: () => handle.datasync(),
    close: () => handle.close(),
  }
}

async function openFile(path: string, mode: 'read' | 'write'): Promise<OpenFile> {
  if (mode === 'read') return openedFile(await open(path, 'r'))
  try {
    return openedFile(await open(path, 'r+'))
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error
    return openedFile(await open(path, 'wx+', 0o600))
  }
}

async function syncFolder(path: string): Promise<void> {
  // Windows has no such call; there the file system's own journal has to do.
  if (process.platform === 'win32') return
  await using handle = await open(path, 'r')
  await handle.sync()
}

// On a read-only file system Node's recursive mkdir says ENOENT of the folder that it is asked to make. A plain one, from the
// first folder whose parent exists, says what is wrong.
async function makeFolders(path: string): Promise<string | undefined> {
  try {
    return await mkdir(path, { recursive: true, mode: 0o700 })
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw error
    await makeFirst(path)
    throw error
  }
}

async function makeFirst(path: string): Promise<void> {
  try {
    await mkdir(path, { mode: 0o700 })
  } catch (error) {
    if (codeOf(error) !== 'ENOENT' || dirname(path) === path) throw error
    await makeFirst(dirname(path))
  }
}

async function createFolder(path: string): Promise<void> {
  const firstCreated = await makeFolders(path)
  if (firstCreated === undefined) return
  const above = dirname(firstCreated)
  for (let folder = dirname(path); folder.length >= above.length; folder = dirname(folder)) {
    await syncFolder(folder)
    if (folder === dirname(folder)) break
  }
}

/** The files of this machine. */
export const nodeFiles: FileSystem = {
  createFolder,
  list: (path) => readdir(path),
  open: openFile,
  remove: (path) => unlink(path),
  syncFolder,
  lock: lockFolder,
}
