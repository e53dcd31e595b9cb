// A line to Chromium on which some messages wait until they are let go, each direction in its order: for races that a busy machine loses
// now and then and a test has to lose every time. Never changes a message.
import { type OpenTransport, openWebSocket } from '@tabscope/cdp'

export interface HeldLine {
  /** For the scene's `transport`. */
  readonly transport: (url: string) => OpenTransport
  /** From now on messages that match wait: those to Chromium (`out`) and those from it (`in`). */
  hold(matching: { readonly out?: RegExp; readonly in?: RegExp }): void
  /** Resolves when a message of this direction waits. */
  untilHeld(direction: 'in' | 'out'): Promise<void>
  /** What waits goes on its way, and nothing waits any more. */
  letGo(direction: 'in' | 'out'): void
}

interface Side {
  matching: RegExp | undefined
  readonly waiting: (() => void)[]
  held: () => void
}

export function createHeldLine(): HeldLine {
  const sides: Readonly<Record<'in' | 'out', Side>> = { in: createSide(), out: createSide() }
  const pass = (side: Side, text: string, go: () => void): void => {
    if (side.matching?.test(text) !== true) return go()
    side.waiting.push(go)
    side.held()
  }
  return {
    transport: (url) => async (events, signal) => {
      const message = (bytes: Uint8Array): void => {
        // The bytes are the transport's again after the call.
        const kept = Buffer.from(bytes)
        pass(sides.in, kept.toString(), () => events.message(kept))
      }
      const line = await openWebSocket(url)({ ...events, message }, signal)
      return { ...line, send: (text) => pass(sides.out, text, () => line.send(text)) }
    },
    hold: (matching) => {
      sides.in.matching = matching.in
      sides.out.matching = matching.out
    },
    untilHeld: (direction) =>
      new Promise((resolve) => {
        if (sides[direction].waiting.length > 0) resolve()
        else sides[direction].held = resolve
      }),
    letGo: (direction) => {
      sides[direction].matching = undefined
      for (const go of sides[direction].waiting.splice(0)) go()
    },
  }
}

function createSide(): Side {
  return { matching: undefined, waiting: [], held: () => undefined }
}
