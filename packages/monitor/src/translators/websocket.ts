// Translates what CDP's Network domain tells of WebSockets and EventSource messages. Frames are told at `verbose` only; below it
// their messages are not even parsed, so a closed socket then tells no counts.
// https://chromedevtools.github.io/devtools-protocol/tot/Network/#event-webSocketCreated
import { type EventDraft, limits } from '@tabscope/schema'
import type { Protocol } from 'devtools-protocol'
import { documentContext, type SessionScope, sourceOf } from '../session-scope.ts'
import { dropOldest } from '../tabs/tab.ts'
import { cutText, cutUrl } from '../text-cut.ts'
import type { HandlerTable, Step } from '../translator.ts'

export const webSocketHandlers = {
  'Network.webSocketCreated': created,
  'Network.webSocketHandshakeResponseReceived': handshakeAnswered,
  'Network.webSocketFrameSent': frameSent,
  'Network.webSocketFrameReceived': frameReceived,
  'Network.webSocketFrameError': frameError,
  'Network.webSocketClosed': closed,
  'Network.eventSourceMessageReceived': eventSourceMessage,
} as const satisfies HandlerTable

function created(scope: SessionScope, message: Protocol.Network.WebSocketCreatedEvent): undefined {
  scope.sockets.set(message.requestId, {
    url: cutUrl(message.url).text,
    navSeq: scope.tab?.navSeq,
    sent: 0,
    received: 0,
    errorText: undefined,
  })
  dropOldest(scope.sockets, limits.socketsPerSession)
}

// Everything that events of a socket share: the document's context, but the socket's own URL and the navigation that it began in.
function socketData(scope: SessionScope, requestId: string, timestamp: number): EventDraft<'network_websocket_closed'>['data'] {
  const socket = scope.sockets.get(requestId)
  const context = documentContext(scope)
  return {
    ...context,
    url: socket?.url ?? context.url,
    nav_seq: socket === undefined ? context.nav_seq : socket.navSeq,
    request_id: requestId,
    cdp_timestamp: timestamp,
    late_attach: socket === undefined ? true : undefined,
  }
}

function isWanted(scope: SessionScope, requestId: string): boolean {
  const url = scope.sockets.get(requestId)?.url ?? ''
  if (scope.plan.isOwnUrl(url) || !scope.plan.url.matches(url)) return false
  return scope.plan.resourceTypes === undefined || scope.plan.resourceTypes.has('WebSocket')
}

type SocketType = 'network_websocket_opened' | 'network_websocket_frame' | 'network_websocket_closed' | 'network_event_source_message'

function step<Type extends SocketType>(scope: SessionScope, type: Type, event: string, data: EventDraft<Type>['data']): Step | undefined {
  if (!scope.plan.publishes(type)) return undefined
  const detailLevel = scope.plan.config.network.detail_level
  const draft = { type, category: 'network', detailLevel, source: sourceOf(scope, event), data } as const
  return { drafts: [data.truncated_fields === undefined ? draft : { ...draft, truncated: true }] }
}

function handshakeAnswered(scope: SessionScope, message: Protocol.Network.WebSocketHandshakeResponseReceivedEvent): Step | undefined {
  const { requestId, response, timestamp } = message
  if (!isWanted(scope, requestId)) return undefined
  const data: EventDraft<'network_websocket_opened'>['data'] = {
    ...socketData(scope, requestId, timestamp),
    status: response.status,
    headers: scope.plan.captures('network_websocket_opened.headers') ? response.headers : undefined,
  }
  return step(scope, 'network_websocket_opened', 'Network.webSocketHandshakeResponseReceived', data)
}

function frameSent(scope: SessionScope, message: Protocol.Network.WebSocketFrameSentEvent): Step | undefined {
  const socket = scope.sockets.get(message.requestId)
  if (socket !== undefined) socket.sent += 1
  return frame(scope, 'sent', 'Network.webSocketFrameSent', message)
}

function frameReceived(scope: SessionScope, message: Protocol.Network.WebSocketFrameReceivedEvent): Step | undefined {
  const socket = scope.sockets.get(message.requestId)
  if (socket !== undefined) socket.received += 1
  return frame(scope, 'received', 'Network.webSocketFrameReceived', message)
}

function frame(
  scope: SessionScope,
  direction: 'sent' | 'received',
  event: string,
  message: Protocol.Network.WebSocketFrameReceivedEvent,
): Step | undefined {
  if (!isWanted(scope, message.requestId)) return undefined
  const { opcode, payloadData } = message.response
  // Binary payloads come as base64 and are counted, not kept.
  const isText = opcode === 1
  const payload = isText ? cutText(payloadData, limits.socketPayloadBytes) : undefined
  const data: EventDraft<'network_websocket_frame'>['data'] = {
    ...socketData(scope, message.requestId, message.timestamp),
    direction,
    opcode,
    payload: payload?.text,
    payload_bytes: isText ? Buffer.byteLength(payloadData) : Buffer.byteLength(payloadData, 'base64'),
    truncated_fields: payload?.isCut === true ? ['payload'] : undefined,
  }
  return step(scope, 'network_websocket_frame', event, data)
}

function frameError(scope: SessionScope, message: Protocol.Network.WebSocketFrameErrorEvent): undefined {
  const socket = scope.sockets.get(message.requestId)
  if (socket !== undefined) socket.errorText = message.errorMessage
}

function closed(scope: SessionScope, message: Protocol.Network.WebSocketClosedEvent): Step | undefined {
  const { requestId, timestamp } = message
  const socket = scope.sockets.get(requestId)
  const isCounted = socket !== undefined && scope.plan.captures('network_websocket_closed.frames_sent')
  const data: EventDraft<'network_websocket_closed'>['data'] = {
    ...socketData(scope, requestId, timestamp),
    frames_sent: isCounted ? socket.sent : undefined,
    frames_received: isCounted ? socket.received : undefined,
    error_text: socket?.errorText === undefined ? undefined : cutText(socket.errorText, limits.socketPayloadBytes).text,
  }
  const told = isWanted(scope, requestId) ? step(scope, 'network_websocket_closed', 'Network.webSocketClosed', data) : undefined
  scope.sockets.delete(requestId)
  return told
}

function eventSourceMessage(scope: SessionScope, message: Protocol.Network.EventSourceMessageReceivedEvent): Step | undefined {
  const record = scope.network.open.get(message.requestId)
  if (record !== undefined && !record.published) return undefined
  const text = cutText(message.data, limits.socketPayloadBytes)
  const context = documentContext(scope)
  const data: EventDraft<'network_event_source_message'>['data'] = {
    ...context,
    url: record?.url ?? context.url,
    nav_seq: record === undefined ? context.nav_seq : record.navSeq,
    cdp_timestamp: message.timestamp,
    request_id: message.requestId,
    event_name: message.eventName === '' ? undefined : cutText(message.eventName, limits.socketPayloadBytes).text,
    event_id: message.eventId === '' ? undefined : cutText(message.eventId, limits.socketPayloadBytes).text,
    data: text.text,
    truncated_fields: text.isCut ? ['data'] : undefined,
  }
  return step(scope, 'network_event_source_message', 'Network.eventSourceMessageReceived', data)
}
