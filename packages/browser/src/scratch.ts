// A fresh folder for one Chromium: its profile and its temporary files. Removed at the end, never reused.
// After a `kill -9` of ours nobody removes it; the next start sweeps such folders away.
import { mkdir, mkdtemp, readdir, readlink, rm, symlink } from 'node:fs/promises'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'

const prefix = 'tabscope-chromium-'

export interface Scratch {
  readonly profileDirectory: string
  /** Chromium's own TMPDIR, so that its sockets and downloads in progress go when the folder goes. */
  readonly temporaryDirectory: string
  remove(): Promise<void>
}

/** Makes the folder. The caller owns it and calls `remove` when no process uses it any more. */
export async function createScratch(parent: string = tmpdir()): Promise<Scratch> {
  const root = await mkdtemp(join(parent, prefix))
  const scratch = { profileDirectory: join(root, 'profile'), temporaryDirectory: join(root, 'tmp') }
  // A link with no file at its end: made whole or not at all, and read in one step, as Chromium does with its own lock.
  await symlink(`${hostname()}-${process.pid}`, join(root, 'owner'))
  await mkdir(scratch.profileDirectory)
  await mkdir(scratch.temporaryDirectory)
  return { ...scratch, remove: () => removeFolder(root) }
}

/** Removes folders whose owner, and so their Chromium, is gone without having tidied up. Answers how many. */
export async function sweepScratch(parent: string = tmpdir()): Promise<number> {
  const names = (await readdir(parent)).filter((name) => name.startsWith(prefix))
  const stale: string[] = []
  for (const name of names) {
    if (await isStale(join(parent, name))) stale.push(join(parent, name))
  }
  await Promise.all(stale.map(removeFolder))
  return stale.length
}

/** Only an owner on this machine that no longer runs is proof (another container may share the folder); the rest is left alone. */
async function isStale(root: string): Promise<boolean> {
  const owner = await readlink(join(root, 'owner')).catch(() => undefined)
  const separator = owner?.lastIndexOf('-') ?? -1
  if (owner === undefined || separator < 0 || owner.slice(0, separator) !== hostname()) return false
  const pid = Number(owner.slice(separator + 1))
  return Number.isSafeInteger(pid) && pid > 0 && !isRunning(pid)
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    // EPERM: it runs, but is not ours. Only ESRCH says that there is none.
    return !(error instanceof Error && 'code' in error && error.code === 'ESRCH')
  }
}

/** Chromium's last children may still write for some milliseconds after it ended: hence the retries. */
function removeFolder(root: string): Promise<void> {
  return rm(root, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 })
}
