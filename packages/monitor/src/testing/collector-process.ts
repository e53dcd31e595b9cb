// A collector in a process of its own, for tests that stop or kill it: captures the browser of its first argument in the attach mode of
// its second, and sends the parent `live` once, then the URL of each navigation that it publishes.
import { systemClock } from '@tabscope/schema'
import { createMonitor } from '../supervisor.ts'
import { behaviourConfig } from './recorded.ts'

const [wsUrl = '', mode] = process.argv.slice(2)
const monitor = createMonitor({
  endpoint: async () => wsUrl,
  clock: systemClock,
  publish: (draft) => {
    if (draft.type === 'page_navigation') process.send?.((draft.data as { url: string }).url)
    return undefined
  },
  onState: (at) => at === 'live' && process.send?.('live'),
})
await monitor.apply(behaviourConfig({ mode: mode === 'complete' ? 'complete' : 'passive' }), 'process')
process.once('disconnect', () => process.exit(0))
