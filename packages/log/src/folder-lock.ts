// One process per folder. The lock is a listening socket, so the kernel gives it back however the process ends; a pid file
// would outlive a kill and could name a stranger. On Linux it is an abstract socket named after the folder's real path, which
// leaves nothing on disk (it guards within one network namespace: docs/durability.md). Elsewhere it is a socket file.
import { createHash } from 'node:crypto'
import { realpath, unlink } from 'node:fs/promises'
import { connect, createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { FolderLock } from './files.ts'
import { codeOf } from './files.ts'

// sun_path has 108 bytes. Node 20 pads an abstract name with NULs, newer ones do not: a name of full length is the same in both.
const abstractNameBytes = 107

function hashOf(path: string): string {
  return createHash('sha256').update(path).digest('hex')
}

/** The abstract socket that stands for a folder. A path that is too long is replaced by its hash. */
export function abstractNameOf(realPath: string): string {
  const name = `tabscope-data:${realPath}`
  // Readable in `ss -xl`. Only ASCII, so that characters are bytes.
  const isUsable = /^[\x20-\x7e]*$/.test(name) && name.length <= abstractNameBytes
  return `\0${(isUsable ? name : `tabscope-data:${hashOf(realPath)}`).padEnd(abstractNameBytes, '/')}`
}

function listen(path: string): Promise<Server | undefined> {
  return new Promise((resolve, reject) => {
    const server = createServer((socket) => socket.destroy())
    server.once('error', (error) => {
      if (codeOf(error) === 'EADDRINUSE') resolve(undefined)
      else reject(error)
    })
    server.listen(path, () => {
      // Holding a lock is no reason for a process to live on.
      server.unref()
      resolve(server)
    })
  })
}

function isAnswering(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path)
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => resolve(false))
  })
}

// A socket file outlives its process. Nobody answering means that it may be removed; two processes that find that out in the
// same instant could both go on, which the abstract socket of Linux rules out.
async function listenOnFile(path: string): Promise<Server | undefined> {
  const server = await listen(path)
  if (server !== undefined || (await isAnswering(path))) return server
  await unlink(path)
  return listen(path)
}

function lockOf(server: Server): FolderLock {
  let released: Promise<void> | undefined
  return {
    release: () => {
      released ??= new Promise((resolve) => server.close(() => resolve()))
      return released
    },
  }
}

/** Locks a folder by a socket file in `socketFolder`: for systems without abstract sockets. */
export async function lockByFile(path: string, socketFolder: string): Promise<FolderLock | undefined> {
  const server = await listenOnFile(join(socketFolder, `tabscope-${hashOf(await realpath(path)).slice(0, 32)}.sock`))
  return server === undefined ? undefined : lockOf(server)
}

/** Locks a folder for this process; undefined when another process (or another log in this one) has it. */
export async function lockFolder(path: string): Promise<FolderLock | undefined> {
  if (process.platform !== 'linux') return lockByFile(path, tmpdir())
  const server = await listen(abstractNameOf(await realpath(path)))
  return server === undefined ? undefined : lockOf(server)
}
