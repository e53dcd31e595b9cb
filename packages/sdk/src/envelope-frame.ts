// What the data of a stream's frames means: an envelope or a gap. Never guesses: what is neither is an error.
import type { Gap, GapReason } from '@tabscope/schema/cursor'
import { StreamError } from './errors.ts'
import type { Envelope } from './event-types.ts'

/** The envelope in a frame. Unknown types and unknown fields pass: a newer server may know more. */
export function parseEnvelope(data: string): Envelope {
  const value = parseJson(data)
  if (isEnvelope(value)) return value
  throw malformed(data)
}

/** Whether a value has what every envelope has. */
export function isEnvelope(value: unknown): value is Envelope {
  if (typeof value !== 'object' || value === null || !('seq' in value) || !Number.isSafeInteger(value.seq)) return false
  return 'event' in value && typeof value.event === 'object' && value.event !== null && 'type' in value.event
}

const gapReasons: readonly GapReason[] = ['evicted', 'slow', 'restart', 'ahead']

/** The gap in a frame of `event: gap`. */
export function parseGap(data: string): Gap {
  const value = parseJson(data)
  if (typeof value !== 'object' || value === null || !('from' in value) || typeof value.from !== 'number') throw malformed(data)
  const given = 'reason' in value ? value.reason : undefined
  const reason = gapReasons.find((known) => known === given) ?? 'evicted'
  return { from: value.from, ...('to' in value && typeof value.to === 'number' ? { to: value.to } : {}), reason }
}

function parseJson(data: string): unknown {
  try {
    return JSON.parse(data)
  } catch {
    throw malformed(data)
  }
}

function malformed(data: string): StreamError {
  return new StreamError('malformed_frame', `A frame of the stream is not what it should be: ${data.slice(0, 200)}`)
}
