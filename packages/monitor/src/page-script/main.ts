// The script that is put into every frame, in a world of its own. It may run there any number of times: each run ends the one before.
// With no configuration it only ends it. Compiled into interaction/page-script-source.ts by testing/page-script.ts.
import type { PageScriptConfig } from '../interaction/page-config.ts'
import { readyStateOf } from './dom.ts'
import { createLink } from './link.ts'
import { listen, type Memory } from './listen.ts'

/** The parameter of the function that the compiled script becomes. */
declare const pageScriptConfig: PageScriptConfig | undefined

interface World {
  readonly memory: Memory
  stop: (() => void) | undefined
}

// A symbol: names on `window` can be elements of the page, in every world.
const key = Symbol.for('world')

function worldOf(config: PageScriptConfig): World {
  const known: World | undefined = Reflect.get(globalThis, key)
  if (known !== undefined) return known
  const { binding, bounds } = config
  const link = createLink(binding, bounds.waitingMessages)
  const world: World = {
    memory: { link, positions: new WeakMap(), oncePasswords: new WeakSet(), known: new WeakSet() },
    stop: undefined,
  }
  Object.defineProperty(globalThis, key, { value: world })
  return world
}

function run(config: PageScriptConfig | undefined): void {
  const before: World | undefined = Reflect.get(globalThis, key)
  before?.stop?.()
  if (config === undefined) {
    before?.memory.link.clear()
    return
  }
  const world = worldOf(config)
  // Before anything could scroll.
  if (readyStateOf(document) === 'loading') world.memory.known.add(document)
  world.stop = listen(config, world.memory)
}

run(pageScriptConfig)
