// Looks into the isolated worlds of a tab through a CDP session of its own: which there are, and what listens in them.
// The witness that nothing of the page script is left, or that it is there once.
import { type CdpMessage, openConnection, openWebSocket } from '@tabscope/cdp'
import { systemClock } from '@tabscope/schema'

export interface World {
  readonly name: string
  readonly origin: string
  /** The types of the listeners on its `window`, in order of the alphabet. */
  readonly listeners: readonly string[]
}

/** The isolated worlds of a target at this moment, and those of them that somebody listens in. */
export async function worldsOf(wsUrl: string, targetId: string): Promise<readonly World[]> {
  const contexts: { readonly id: number; readonly name: string; readonly origin: string }[] = []
  const connection = await openConnection({
    open: openWebSocket(wsUrl),
    clock: systemClock,
    wanted: new Set(['Runtime.executionContextCreated']),
    onMessage: ({ method, params }: CdpMessage) => {
      if (method === 'Runtime.executionContextCreated') contexts.push((params as { context: (typeof contexts)[number] }).context)
    },
    onClosed: () => undefined,
    signal: new AbortController().signal,
  })
  const ask = async (sessionId: string | undefined, method: string, params?: object): Promise<unknown> => {
    const answer = await connection.send(sessionId, method, params)
    if (!answer.ok) throw new Error(`${method}: ${answer.message}`)
    return answer.result
  }
  try {
    const { sessionId } = (await ask(undefined, 'Target.attachToTarget', { targetId, flatten: true })) as { sessionId: string }
    await ask(sessionId, 'Runtime.enable')
    const worlds: World[] = []
    for (const { id, name, origin } of contexts.filter((context) => context.name !== '')) {
      const { result } = (await ask(sessionId, 'Runtime.evaluate', { expression: 'window', contextId: id })) as {
        result: { objectId: string }
      }
      const found = (await ask(sessionId, 'DOMDebugger.getEventListeners', { objectId: result.objectId })) as {
        listeners: { type: string }[]
      }
      worlds.push({ name, origin, listeners: found.listeners.map(({ type }) => type).sort() })
    }
    return worlds
  } finally {
    connection.close()
  }
}

/** The types of the listeners of each world that has any. */
export async function listenersOf(wsUrl: string, targetId: string): Promise<readonly (readonly string[])[]> {
  return (await worldsOf(wsUrl, targetId)).map(({ listeners }) => listeners).filter((listeners) => listeners.length > 0)
}
