// Files in memory that behave as a machine that can lose power at any step: content and size survive only after `sync`, names
// only after `syncFolder`. What was not flushed may be lost, kept, or torn sector by sector, in any order. Also a disk that
// fills up or refuses. Never touches a real file.
import type { FileSystem, FolderLock, OpenFile } from '../files.ts'
import { apply, type Change, type Inode, type Survival, survivingContent } from './power-cut.ts'
import type { Random } from './random.ts'

export interface CrashFiles extends FileSystem {
  /** How many calls were made so far. */
  readonly steps: number
  /** The call with this number and all after it fail; the power went during it. */
  crashAt(step: number): void
  /** The machine after the power came back. */
  survivors(survival: Survival, random: Random): CrashFiles
  /** Every call that writes fails with this code until called with undefined. */
  refuseWrites(code: string | undefined): void
  /** Writes that would need more bytes than this in all files together fill the disk, write a part and fail. */
  setSpace(bytes: number): void
  /** The content of a file as programs see it now. */
  content(path: string): Buffer | undefined
  /** Changes content behind everybody's back, as a rotting disk does. */
  corrupt(path: string, change: (content: Buffer) => Buffer): void
}

interface State {
  readonly folders: Set<string>
  names: Map<string, Inode>
  syncedNames: Map<string, Inode>
  readonly locks: Set<string>
  steps: number
  crashStep: number
  refusal: string | undefined
  space: number
}

function failure(code: string, what: string): Error {
  return Object.assign(new Error(`${code}: ${what}`), { code })
}

function parentOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/'))
}

function survivingNames(state: State, survival: Survival, random: Random): Map<string, Inode> {
  const names = new Map<string, Inode>()
  for (const path of new Set([...state.names.keys(), ...state.syncedNames.keys()])) {
    const isNow = survival === 'kept' || (survival === 'torn' && random.chance())
    const inode = (isNow ? state.names : state.syncedNames).get(path)
    if (inode !== undefined) names.set(path, inode)
  }
  return names
}

function survivors(state: State, survival: Survival, random: Random): CrashFiles {
  const after = createState()
  for (const folder of state.folders) after.folders.add(folder)
  for (const [path, inode] of survivingNames(state, survival, random)) {
    const content = Buffer.from(survivingContent(inode, survival, random))
    const survivor: Inode = { content, synced: content, changes: [] }
    after.names.set(path, survivor)
    after.syncedNames.set(path, survivor)
  }
  return filesOf(after)
}

// Every call is a step and takes a turn. Writing calls can be refused.
async function step(state: State, kind: 'reads' | 'writes'): Promise<void> {
  state.steps++
  const isCrashed = state.steps >= state.crashStep
  await Promise.resolve()
  if (isCrashed) throw failure('ECRASH', 'the power is off')
  if (kind === 'writes' && state.refusal !== undefined) throw failure(state.refusal, 'refused by the test')
}

function change(inode: Inode, made: Change): void {
  inode.content = apply(inode.content, made)
  inode.changes.push(made)
}

function usedBytes(state: State): number {
  return [...state.names.values()].reduce((sum, inode) => sum + inode.content.length, 0)
}

async function write(state: State, inode: Inode, chunks: readonly Uint8Array[], position: number): Promise<void> {
  const bytes = Buffer.concat(chunks)
  const isCrashing = state.steps + 1 === state.crashStep
  // The call in which the power goes may have written already; what of it survives is for the sectors to decide.
  if (isCrashing) inode.changes.push({ at: 'write', position, bytes })
  await step(state, 'writes')
  const needed = Math.max(0, position + bytes.length - inode.content.length)
  const free = Math.max(0, state.space - usedBytes(state))
  if (needed <= free) return change(inode, { at: 'write', position, bytes })
  change(inode, { at: 'write', position, bytes: bytes.subarray(0, bytes.length - (needed - free)) })
  throw failure('ENOSPC', 'no space left on device')
}

function opened(state: State, inode: Inode): OpenFile {
  let isClosed = false
  const check = (): void => {
    if (isClosed) throw failure('EBADF', 'the file is closed')
  }
  return {
    read: async (target, position) => {
      check()
      await step(state, 'reads')
      return inode.content.subarray(position, position + target.length).copy(target)
    },
    write: async (chunks, position) => {
      check()
      await write(state, inode, chunks, position)
    },
    truncate: async (size) => {
      check()
      await step(state, 'writes')
      change(inode, { at: 'truncate', size })
    },
    size: async () => {
      check()
      await step(state, 'reads')
      return inode.content.length
    },
    sync: async () => {
      check()
      await step(state, 'writes')
      inode.synced = inode.content
      inode.changes = []
    },
    close: async () => {
      isClosed = true
      await step(state, 'reads')
    },
  }
}

async function open(state: State, path: string, mode: 'read' | 'write'): Promise<OpenFile> {
  const known = state.names.get(path)
  await step(state, known === undefined && mode === 'write' ? 'writes' : 'reads')
  if (known !== undefined) return opened(state, known)
  if (mode === 'read' || !state.folders.has(parentOf(path))) throw failure('ENOENT', path)
  const inode: Inode = { content: Buffer.alloc(0), synced: Buffer.alloc(0), changes: [] }
  state.names.set(path, inode)
  return opened(state, inode)
}

async function createFolder(state: State, path: string): Promise<void> {
  if (!state.folders.has(path)) await step(state, 'writes')
  for (let folder = path; folder !== ''; folder = parentOf(folder)) state.folders.add(folder)
}

async function syncFolder(state: State, path: string): Promise<void> {
  await step(state, 'writes')
  const isIn = (name: string): boolean => parentOf(name) === path
  const elsewhere = [...state.syncedNames].filter(([name]) => !isIn(name))
  state.syncedNames = new Map([...elsewhere, ...[...state.names].filter(([name]) => isIn(name))])
}

async function lock(state: State, path: string): Promise<FolderLock | undefined> {
  await step(state, 'reads')
  if (!state.folders.has(path)) throw failure('ENOENT', path)
  if (state.locks.has(path)) return undefined
  state.locks.add(path)
  return {
    release: async () => {
      state.locks.delete(path)
    },
  }
}

async function remove(state: State, path: string): Promise<void> {
  await step(state, 'writes')
  if (!state.names.delete(path)) throw failure('ENOENT', path)
}

async function list(state: State, path: string): Promise<readonly string[]> {
  await step(state, 'reads')
  if (!state.folders.has(path)) throw failure('ENOENT', path)
  return [...state.names.keys()].filter((name) => parentOf(name) === path).map((name) => name.slice(path.length + 1))
}

function filesOf(state: State): CrashFiles {
  return {
    get steps() {
      return state.steps
    },
    crashAt: (atStep) => {
      state.crashStep = atStep
    },
    survivors: (survival, random) => survivors(state, survival, random),
    refuseWrites: (code) => {
      state.refusal = code
    },
    setSpace: (bytes) => {
      state.space = bytes
    },
    content: (path) => state.names.get(path)?.content,
    corrupt: (path, damage) => {
      const inode = state.names.get(path)
      if (inode === undefined) throw failure('ENOENT', path)
      inode.content = damage(Buffer.from(inode.content))
      inode.synced = inode.content
    },
    createFolder: (path) => createFolder(state, path),
    list: (path) => list(state, path),
    open: (path, mode) => open(state, path, mode),
    remove: (path) => remove(state, path),
    syncFolder: (path) => syncFolder(state, path),
    lock: (path) => lock(state, path),
  }
}

function createState(): State {
  return {
    folders: new Set(),
    names: new Map(),
    syncedNames: new Map(),
    locks: new Set(),
    steps: 0,
    crashStep: Number.POSITIVE_INFINITY,
    refusal: undefined,
    space: Number.POSITIVE_INFINITY,
  }
}

/** An empty disk. */
export function createCrashFiles(): CrashFiles {
  return filesOf(createState())
}
