// A real file system of a megabyte, mounted for one test, that can be full or read-only. Linux, as root: elsewhere its tests are skipped.
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export interface SmallDisk extends Disposable {
  /** A folder on it, for a server's data. */
  readonly path: string
  /** Writes until nothing fits any more. Returns how to give the space back. */
  fill(): () => void
  /** No file can be made below that folder; open ones can be written. Returns how to end that. */
  forbidNewFiles(folder: string): () => void
  /** Nothing on it can be changed. Only while no file is open for writing. */
  makeReadOnly(): void
}

/** Why tests on a real disk are skipped here; undefined where they are not. */
export const noSmallDisk = process.platform === 'linux' && process.getuid?.() === 0 ? undefined : 'needs Linux and root, to mount a tmpfs'

function run(command: string, ...args: string[]): void {
  const { status, stderr } = spawnSync(command, args, { encoding: 'utf8', timeout: 30_000 })
  if (status !== 0) throw new Error(`${command} ${args.join(' ')}: ${stderr}`)
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    // No such process: the disk is nobody's any more.
    return false
  }
}

/** A test that was killed could not give its disk back; the next one does. */
function sweep(): void {
  for (const name of readdirSync(tmpdir())) {
    const pid = /^tabscope-small-disk-(\d+)-/.exec(name)?.[1]
    if (pid === undefined || isAlive(Number(pid))) continue
    const root = join(tmpdir(), name)
    // Fails where nothing is mounted any more, which is as good.
    spawnSync('umount', ['-l', root], { timeout: 30_000 })
    rmSync(root, { recursive: true, force: true })
  }
}

export function mountSmallDisk(): SmallDisk {
  sweep()
  const root = mkdtempSync(join(tmpdir(), `tabscope-small-disk-${process.pid}-`))
  run('mount', '-t', 'tmpfs', '-o', 'size=1m', 'tabscope-test', root)
  const path = join(root, 'data')
  mkdirSync(path)
  const ballast = join(root, 'ballast')
  return {
    path,
    fill: () => {
      // The kernel takes what fits of a write before it says that the disk is full.
      for (let bytes = 1 << 20; bytes >= 1; bytes >>= 1) appendIfRoom(ballast, bytes)
      return () => rmSync(ballast)
    },
    forbidNewFiles: (folder) => {
      run('mount', '--bind', folder, folder)
      run('mount', '-o', 'remount,bind,ro', folder)
      return () => run('umount', folder)
    },
    makeReadOnly: () => run('mount', '-o', 'remount,ro', root),
    [Symbol.dispose]: () => {
      // Lazily: a test that failed may have left files open.
      run('umount', '-l', root)
      rmSync(root, { recursive: true, force: true })
    },
  }
}

function appendIfRoom(file: string, bytes: number): void {
  try {
    writeFileSync(file, Buffer.alloc(bytes), { flag: 'a' })
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOSPC')) throw error
  }
}
