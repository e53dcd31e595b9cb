// Every recording of real traffic, played through the monitor: the events are those of its golden, and the requests among them
// those that the page server saw while the recording was made. Goldens are rewritten only by `record.ts --accept`.
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { Behaviour } from './testing/behaviour.ts'
import { behaviours } from './testing/behaviours.ts'
import type { AnyDraft } from './testing/captured.ts'
import { recordingsFolder, replayBehaviour, serialiseDrafts } from './testing/recorded.ts'

interface Told {
  readonly url?: string
  readonly method?: string
  readonly late_attach?: boolean
  readonly request_id?: string
  readonly from_cache?: string
  readonly from_service_worker?: boolean
}

// What the stream says about requests to a server: each request, each response of which the request came too early to be seen, each
// WebSocket, and each download (Chromium tells the request of a link with `download` as a download only). What a cache or a service worker
// answered is no request to the server.
function toldRequests(drafts: readonly AnyDraft[], host: string): string[] {
  const toldAs = (type: string): Told[] => drafts.filter((draft) => draft.type === type).map((draft) => draft.data as Told)
  const answeredHere = toldAs('network_response').filter(
    (response) => response.from_cache !== undefined || response.from_service_worker === true,
  )
  const elsewhere = new Set(answeredHere.map((response) => response.request_id))
  const requests = toldAs('network_request').filter((request) => !elsewhere.has(request.request_id))
  const started = new Set(toldAs('network_request').map((request) => request.request_id))
  const late = toldAs('network_response').filter((response) => response.late_attach === true && !started.has(response.request_id))
  const others = [...toldAs('network_websocket_opened'), ...toldAs('page_download_started')]
  const urls = [...requests, ...late, ...others].map((told) => (told.url ?? '').replace(/^ws:/, 'http:'))
  return urls.filter((url) => url.includes(`:${host}/`)).sort()
}

// A CORS preflight is a request of its own to the server and to CDP; ports tell servers apart, host names do not.
function seenRequests(requests: readonly { readonly url: string }[], unseen: readonly string[] = []): string[] {
  return requests
    .map(({ url }) => url)
    .filter((url) => !unseen.includes(new URL(url).pathname))
    .sort()
}

describe.each(behaviours.map((behaviour): [string, Behaviour] => [behaviour.name, behaviour]))('%s', (name, behaviour) => {
  test(`gives the events of its golden: ${behaviour.shows}`, async () => {
    const { drafts } = await replayBehaviour(behaviour)
    expect(serialiseDrafts(drafts)).toBe(await readFile(join(recordingsFolder, `${name}.events.ndjson`), 'utf8'))
  })

  test('tells each request that the page server saw, once, and no other', async () => {
    const { drafts, requests } = await replayBehaviour(behaviour)
    const port = new URL(requests[0]?.url ?? 'http://none:0/').port
    expect(requests.length > 0).toBe(behaviour.before === undefined)
    expect(toldRequests(drafts, port)).toEqual(seenRequests(requests, behaviour.unseen))
  })

  test('needs no answer that the recording does not have', async () => {
    const { report } = await replayBehaviour(behaviour)
    expect(report.unanswered).toEqual([])
  })
})
