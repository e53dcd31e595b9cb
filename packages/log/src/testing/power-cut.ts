// What a power cut leaves of one file: everything that was flushed, and of the rest nothing, everything, or some sectors.
import type { Random } from './random.ts'

/** What becomes of unflushed bytes and names at a power cut. */
export type Survival = 'lost' | 'kept' | 'torn'

export type Change =
  | { readonly at: 'write'; readonly position: number; readonly bytes: Buffer }
  | { readonly at: 'truncate'; readonly size: number }

export interface Inode {
  content: Buffer
  synced: Buffer
  /** What was done since the last sync. */
  changes: Change[]
}

const sectorBytes = 512

function resized(content: Buffer, size: number): Buffer {
  if (size <= content.length) return Buffer.from(content.subarray(0, size))
  return Buffer.concat([content, Buffer.alloc(size - content.length)])
}

/** The content after one change. */
export function apply(content: Buffer, change: Change): Buffer {
  if (change.at === 'truncate') return resized(content, change.size)
  const target = resized(content, Math.max(content.length, change.position + change.bytes.length))
  change.bytes.copy(target, change.position)
  return target
}

// Each sector of an unflushed write reaches the device or not, whatever its neighbours do.
function applyTorn(content: Buffer, change: Change, random: Random): Buffer {
  if (change.at === 'truncate') return random.chance() ? apply(content, change) : content
  let torn = content
  for (let start = 0; start < change.bytes.length; ) {
    const position = change.position + start
    const end = Math.min(change.bytes.length, start + sectorBytes - (position % sectorBytes))
    if (random.chance()) torn = apply(torn, { at: 'write', position, bytes: change.bytes.subarray(start, end) })
    start = end
  }
  return torn
}

/** What is found in the file when the power is back. */
export function survivingContent(inode: Inode, survival: Survival, random: Random): Buffer {
  if (survival === 'lost') return inode.synced
  if (survival === 'kept') return inode.content
  return inode.changes.reduce((content, change) => applyTorn(content, change, random), inode.synced)
}
