// Behaviours in which something does not come: an answer, a load event, the end of a body or of a document. What follows from silence comes
// seconds and minutes later, on the hand-cranked clock of the replay.
import type { PageHandler } from '@tabscope/cdp/testing'
import type { Behaviour, Stage } from './behaviour.ts'
import { html, script, visit } from './behaviour-steps.ts'

/** `page` for `/`, and for the other paths whatever they do. */
function handler(page: string, others: Readonly<Record<string, PageHandler>>): PageHandler {
  return (request, response) => {
    const answer = others[request.url ?? '/']
    if (answer !== undefined) answer(request, response)
    else response.writeHead(200, { 'content-type': 'text/html', 'cache-control': 'no-store' }).end(page)
  }
}

const hang: PageHandler = () => undefined

/** The page's own response is told, so that no question is open when the recording ends. */
const pageAnswered = (stage: Stage): Promise<unknown> =>
  stage.captured.until('network_response', (data) => data.url === `${stage.server.url}/`)

/** Goes to the page in a new tab without waiting for its load event. */
async function goWithoutLoad(stage: Stage): Promise<void> {
  const tab = await stage.driver.openPage('about:blank')
  await stage.captured.until('page_tab_opened', (data) => data.target_id === tab.targetId)
  await stage.driver.send('Page.navigate', { url: `${stage.server.url}/` }, tab.sessionId)
}

export const settlingBehaviours: readonly Behaviour[] = [
  {
    name: 'request-that-hangs',
    shows: 'A request without any answer delays idle by ten seconds, which then lists it; after five minutes it is given up.',
    pages: handler(script("fetch('/hang')"), { '/hang': hang }),
    drive: async (stage) => {
      await visit(stage, '/')
      await stage.captured.until('network_request', (data) => data.url.endsWith('/hang'))
      await stage.captured.until('page_load', (data) => data.nav_seq === 1)
      await stage.server.seen('/hang')
      await pageAnswered(stage)
    },
    tailMs: 305_000,
  },
  {
    name: 'load-that-never-fires',
    shows: 'An image without an answer keeps the load event away: the layout settles without it, and says so.',
    pages: handler(html('<img src="/hang">'), { '/hang': hang }),
    drive: async (stage) => {
      await goWithoutLoad(stage)
      await stage.captured.until('page_dom_content_loaded', (data) => data.nav_seq === 1)
      await stage.server.seen('/hang')
      await pageAnswered(stage)
    },
    tailMs: 15_000,
  },
  {
    name: 'response-that-goes-silent',
    shows: 'A response that sends its headers and a beginning, and then nothing: told after ten seconds as not complete.',
    pages: handler(script("fetch('/silent').then((r) => r.text())"), {
      '/silent': (_request, response) => {
        // Of plain text Chromium would wait for more, to guess what it is, before it told the headers.
        response.writeHead(200, { 'content-type': 'application/json' }).write('"a beginning')
      },
    }),
    drive: async (stage) => {
      await visit(stage, '/')
      await stage.captured.until('network_request', (data) => data.url.endsWith('/silent'))
      await stage.captured.until('page_load', (data) => data.nav_seq === 1)
      await stage.server.seen('/silent')
      await pageAnswered(stage)
    },
    tailMs: 15_000,
  },
  {
    name: 'body-that-nobody-reads',
    shows: 'A fetch whose body is never read: Chromium tells no end of it, the page is idle all the same, and its response is told.',
    pages: handler(script("fetch('/unread').then((r) => console.log(r.status))"), {
      '/unread': (_request, response) => {
        const body = 'x'.repeat(3_000_000)
        response.writeHead(200, { 'content-type': 'text/plain', 'content-length': body.length }).end(body)
      },
    }),
    drive: async (stage) => {
      await visit(stage, '/')
      await stage.captured.until('console_log', (data) => data.text === '200')
      await stage.captured.until('page_load', (data) => data.nav_seq === 1)
      await pageAnswered(stage)
    },
    tailMs: 15_000,
  },
  {
    name: 'document-that-never-ends',
    shows: 'A document that streams for ever: no DOMContentLoaded and no load, so after thirty seconds it is told what it waits for.',
    pages: (_request, response) => {
      response.writeHead(200, { 'content-type': 'text/html' })
      response.write('<!doctype html><title>endless</title><link rel="icon" href="data:,"><p>a first paragraph</p>')
    },
    drive: async (stage) => {
      await goWithoutLoad(stage)
      await stage.captured.until('page_navigation', (data) => data.nav_seq === 1)
      await stage.captured.until('page_lcp')
    },
    tailMs: 35_000,
  },
]
