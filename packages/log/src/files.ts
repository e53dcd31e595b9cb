// The few things the log does with files. Narrow, so that tests can give files that lose what was not flushed; every
// implementation passes testing/file-system-suite.ts. Never renames: what is written in place is checked by checksums.

export interface OpenFile {
  /** Fills `target` from `position` on and says how many bytes there were; fewer than asked for only at the end of the file. */
  read(target: Uint8Array, position: number): Promise<number>
  /** Writes all chunks one after the other from `position` on. After an error any part of them may be written. */
  write(chunks: readonly Uint8Array[], position: number): Promise<void>
  truncate(sizeBytes: number): Promise<void>
  size(): Promise<number>
  /** When it resolves, content and size survive a power cut. The name of a new file needs `syncFolder` too. */
  sync(): Promise<void>
  close(): Promise<void>
}

/** A folder that is ours until released, or until this process ends in whatever way. */
export interface FolderLock {
  release(): Promise<void>
}

export interface FileSystem {
  /** Makes the folder and those above it. When it resolves they survive a power cut. */
  createFolder(path: string): Promise<void>
  /** Names in the folder, in no order. */
  list(path: string): Promise<readonly string[]>
  /** `write` makes the file when it is not there, keeps what is in it, and can read too. Errors have the codes of Node. */
  open(path: string, mode: 'read' | 'write'): Promise<OpenFile>
  remove(path: string): Promise<void>
  /** When it resolves, names made and removed in the folder survive a power cut. */
  syncFolder(path: string): Promise<void>
  /** Takes the folder for this process, or answers undefined when another has it. */
  lock(path: string): Promise<FolderLock | undefined>
}

/** The code of a file system error, such as `ENOENT`. */
export function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined
}

/** All bytes from `position` on, at most `length`; shorter at the end of the file. */
export async function readBytes(file: OpenFile, position: number, length: number): Promise<Buffer> {
  const target = Buffer.allocUnsafe(length)
  return target.subarray(0, await file.read(target, position))
}
