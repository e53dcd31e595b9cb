// A server in a process of its own, for soaks that measure its memory: started with its options as JSON, it sends its URL and ends
// when its parent goes.
import { createLogger } from '../log-line.ts'
import { serve } from '../serve.ts'
import type { CollectorOptions } from './collector.ts'

const { endpoint, ...options } = JSON.parse(process.argv[2] ?? '{}') as CollectorOptions
const running = await serve({ port: 0, logger: createLogger('silent'), browser: { at: 'connect', endpoint }, ...options })
process.send?.(running.url)
process.once('disconnect', () => {
  void running.close().finally(() => process.exit(0))
})
