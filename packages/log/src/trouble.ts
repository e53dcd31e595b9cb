// What can go wrong with the disk while the log goes on: told once per change of state, never thrown at a publisher.

/** `disk_behind`: it takes everything, but more slowly than events come, so that some were lost to it. */
export type DiskTrouble = 'disk_full' | 'read_only' | 'write_failed' | 'disk_behind'

export type LogTrouble =
  | {
      /** The disk refuses writes, or is too slow, since `sinceUs`. Events go on from memory. */
      readonly kind: DiskTrouble
      readonly sinceUs: number
      /** What the file system said. */
      readonly message: string
    }
  | {
      /** Writes succeed again. `lostCount` events of the time between never came to disk. */
      readonly kind: 'recovered'
      readonly sinceUs: number
      readonly lostCount: number
    }
  | {
      /** No number is reserved any more and the disk refuses to reserve some: readers wait, so that no number can ever repeat. */
      readonly kind: 'numbers_exhausted'
      readonly sinceUs: number
      readonly message: string
    }
  | {
      /** Lines that cannot be read any more; readers get a gap in their place. */
      readonly kind: 'damaged'
      readonly file: string
      readonly message: string
    }
  | {
      /** Retention or cleaning up failed; tried again later. */
      readonly kind: 'cleanup_failed'
      readonly message: string
    }
  | {
      /** Segments that a sink still needed were removed, because they alone were over twice the allowed space. */
      readonly kind: 'protected_removed'
      readonly from: number
      readonly to: number
    }

/** What a file system error means for the log. */
export function diskTroubleOf(error: unknown): DiskTrouble {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  if (code === 'ENOSPC' || code === 'EDQUOT') return 'disk_full'
  return code === 'EROFS' || code === 'EACCES' || code === 'EPERM' ? 'read_only' : 'write_failed'
}

/** The text of whatever was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
