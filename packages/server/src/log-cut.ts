// Keeps the file that standard error goes to within a bound, by cutting its older half away when a line has made it too long. Only for a file
// that was opened for this: whoever sends standard error elsewhere gets every line, and nothing is ever cut from under him.
import { fstatSync, ftruncateSync, readSync, writeSync } from 'node:fs'
import { type Clock, systemClock } from '@tabscope/schema'
import type { DestinationStream } from 'pino'

export interface LogCutOptions {
  /** Open for reading and appending. */
  readonly fd: number
  readonly mostBytes: number
  readonly clock?: Clock
}

/** Takes lines for the file. Its size is at most `mostBytes` after each of them. */
export function createLogCut({ fd, mostBytes, clock = systemClock }: LogCutOptions): DestinationStream {
  const isFile = fstatSync(fd).isFile()
  return {
    write: (line) => {
      try {
        writeAll(fd, Buffer.from(line))
        if (isFile && fstatSync(fd).size > mostBytes) cut({ fd, mostBytes, clock })
      } catch {
        // A full disk, or a reader that is gone: there is nobody left to tell, and a log is no reason to end.
      }
    },
  }
}

/** One process writes, and nothing waits in between: no line can come while it is cut. */
function cut({ fd, mostBytes, clock }: Required<LogCutOptions>): void {
  const { size } = fstatSync(fd)
  const half = Buffer.alloc(Math.floor(mostBytes / 2))
  const kept = half.subarray(0, readSync(fd, half, 0, half.length, Math.max(0, size - half.length)))
  // From the beginning of a line on, so that every line stays one.
  const whole = kept.subarray(kept.indexOf('\n') + 1)
  const time = new Date(clock.wallUs() / 1000).toISOString()
  const mark = { level: 40, time, cutBytes: size - whole.length, msg: 'older lines of this log were cut away' }
  ftruncateSync(fd, 0)
  writeAll(fd, Buffer.concat([Buffer.from(`${JSON.stringify(mark)}\n`), whole]))
}

function writeAll(fd: number, bytes: Buffer): void {
  for (let from = 0; from < bytes.length; ) from += writeSync(fd, bytes, from)
}
