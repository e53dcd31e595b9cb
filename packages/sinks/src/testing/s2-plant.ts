// Spoils a stream on purpose, as a sink could that does not keep its promise: so that it can be seen that the check finds it. The stream
// itself stays as it is; a copy of it gets the fault.
import { runClient } from './s2-client.ts'
import type { S2Lite } from './s2-lite.ts'
import { bodiesOf } from './s2-stream-bodies.ts'

/** One fault in the middle of records, of which there must be a few. */
const faults = {
  double: (before: string[], [first = '', ...after]: string[]) => [...before, first, first, ...after],
  hole: (before: string[], [, ...after]: string[]) => [...before, ...after],
  disorder: (before: string[], [first = '', second = '', ...after]: string[]) => [...before, second, first, ...after],
  stranger: (before: string[], after: string[]) => [...before, '{"seq":1,"event":"of nobody"}', ...after],
} as const
export type Plant = keyof typeof faults

export const plants = ['double', 'hole', 'disorder', 'stranger'] as const satisfies readonly Plant[]

export function isPlant(text: string): text is Plant {
  return Object.hasOwn(faults, text)
}

/** Copies the stream, with that fault in the middle, straight through the client. The name of the copy. */
export async function plantFault(lite: S2Lite, stream: string, plant: Plant): Promise<string> {
  const bodies = await bodiesOf(lite, stream)
  const middle = bodies.length >>> 1
  const spoilt = faults[plant](bodies.slice(0, middle), bodies.slice(middle))
  const copy = `${stream}-${plant}`
  await runClient(
    lite.settings(copy),
    spoilt.map((text) => Buffer.from(text)),
  )
  return copy
}
