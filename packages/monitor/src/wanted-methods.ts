// Which CDP messages a plan has a use for. All others are dropped from their first bytes, before they are parsed.
import type { CapturePlan } from './capture.ts'
import { translators } from './translators/index.ts'

type Need = (plan: CapturePlan) => boolean

const sockets: Need = (plan) => plan.publishes('network_websocket_opened') || frames(plan) || plan.publishes('network_websocket_closed')
const frames: Need = (plan) => plan.publishes('network_websocket_frame') || plan.captures('network_websocket_closed.frames_sent')
const downloads: Need = (plan) => plan.publishes('page_download_started') || plan.publishes('page_download_finished')

/** What is needed only for some events; all other methods of a domain are needed whenever the domain is. */
const needs: Readonly<Record<string, Need>> = {
  'Network.requestWillBeSentExtraInfo': (plan) =>
    plan.captures('network_response.request_headers') || plan.captures('network_request.post_data'),
  'Network.responseReceivedExtraInfo': (plan) => plan.captures('network_response.headers'),
  'Network.webSocketCreated': sockets,
  'Network.webSocketHandshakeResponseReceived': (plan) => plan.publishes('network_websocket_opened'),
  'Network.webSocketFrameSent': frames,
  'Network.webSocketFrameReceived': frames,
  'Network.webSocketFrameError': (plan) => plan.publishes('network_websocket_closed'),
  'Network.webSocketClosed': sockets,
  'Network.eventSourceMessageReceived': (plan) => plan.publishes('network_event_source_message'),
  'Page.downloadWillBegin': downloads,
  'Page.downloadProgress': downloads,
}

/** The methods that translators understand and the plan needs. */
export function wantedMethods(plan: CapturePlan): ReadonlySet<string> {
  const wanted = new Set<string>()
  for (const domain of plan.domains) {
    for (const method of Object.keys(translators[domain])) if (needs[method]?.(plan) !== false) wanted.add(method)
  }
  return wanted
}
