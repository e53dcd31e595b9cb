// The demo page's own little web server on a free port of this machine. Serves one page and a tick; keeps nothing.
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'

export interface DemoSite extends AsyncDisposable {
  readonly url: string
}

const pageFile = new URL('../demo/index.html', import.meta.url)

/** Starts it. Every path but `/tick` is the page, because the page changes its own path as it goes. */
export async function startDemoSite(): Promise<DemoSite> {
  const page = await readFile(pageFile)
  let ticks = 0
  const server = createServer((request, response) => {
    if (request.url?.startsWith('/tick') !== true) {
      response.writeHead(200, { 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-store' }).end(page)
      return
    }
    ticks += 1
    response.writeHead(200, { 'content-type': 'application/json', 'cache-control': 'no-store' }).end(JSON.stringify({ ticks }))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the demo site has no port')
  return {
    url: `http://127.0.0.1:${address.port}/`,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}
