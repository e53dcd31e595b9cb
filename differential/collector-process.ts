// The server under test, in a process of its own as in life: captures the browser of its first argument in the attach mode of its second,
// sends its URL to the parent, and ends with it.
import { createLogger, serve } from '@tabscope/server'

const [endpoint = '', mode] = process.argv.slice(2)
const server = await serve({
  port: 0,
  browser: { at: 'connect', endpoint },
  attachMode: mode === 'complete' ? 'complete' : 'passive',
  logger: createLogger('error'),
})
process.once('disconnect', () => void server.close().then(() => process.exit(0)))
process.send?.(server.url)
