// Says things beside the events, on standard error, as one safe line each. A note that nobody can read any more is no reason to stop.
import type { Writable } from 'node:stream'
import { createOutput } from './output.ts'
import { safeText } from './terminal-text.ts'

export function createNotes(stream: Writable): (text: string) => void {
  const output = createOutput(stream)
  return (text) => void output.line(safeText(`tabscope: ${text}`)).catch(() => {})
}
