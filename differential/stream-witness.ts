// What our own stream says, as facts. It is read as anybody would read it: over HTTP, by the client of packages/sdk.
import type { EventData, KnownEnvelope } from './envelope.ts'
import { type Fact, type FactKind, headersText, withoutFragment } from './facts.ts'
import { ignoredRequestHeaders, ignoredResponseHeaders } from './header-names.ts'

type Attributes = Record<string, string | number | boolean | undefined>

/** The fact of an event; undefined for events that no other witness could know of, such as settling. */
export function factOf({ seq, event }: KnownEnvelope): Fact | undefined {
  const data: EventData = event.data ?? {}
  const about = tellers[event.type]?.(data)
  if (about === undefined) return undefined
  return {
    ...about,
    notes: {
      seq,
      event: event.source.event,
      target_type: data.target_type,
      request_id: data.request_id,
      late_attach: data.late_attach,
      replayed: data.replayed,
      target: data.target_id,
      page: data.page_target_id ?? data.target_id,
      ...about.notes,
    },
  }
}

interface Told {
  readonly kind: FactKind
  readonly key: string
  readonly attributes: Attributes
  readonly notes?: Attributes
}

// The tab of a target: itself, or the one that it belongs to. Shared and service workers belong to none.
function tabOf(data: EventData): string | undefined {
  if (data.page_target_id !== undefined) return data.page_target_id
  return data.target_type === 'page' ? data.target_id : undefined
}

function place(data: EventData): Attributes {
  return { tab: tabOf(data), nav: data.nav_seq }
}

function requestKey(data: EventData): string {
  return `${data.method ?? 'GET'} ${withoutFragment(data.url ?? '')}`
}

function requestTold(data: EventData): Told {
  return {
    kind: 'request',
    key: requestKey(data),
    attributes: {
      ...place(data),
      resource_type: data.resource_type?.toLowerCase(),
      post_data: data.post_data,
      redirected_from: data.redirect_url === undefined ? undefined : withoutFragment(data.redirect_url),
    },
    notes: { initiator: data.initiator_type, truncated: data.truncated_fields?.join() },
  }
}

function responseTold(data: EventData): Told {
  return {
    kind: 'response',
    key: requestKey(data),
    attributes: {
      ...place(data),
      status: data.status,
      status_text: data.status_text ?? '',
      request_headers:
        data.request_headers === undefined ? undefined : headersText(Object.entries(data.request_headers), ignoredRequestHeaders),
      response_headers: data.headers === undefined ? undefined : headersText(Object.entries(data.headers), ignoredResponseHeaders),
      body: data.body,
      from_service_worker: data.from_service_worker ?? false,
    },
    notes: {
      from_cache: data.from_cache,
      body_absent_reason: data.body_absent_reason,
      body_complete: data.body_complete,
      method_unknown: data.method === undefined,
      resource_type: data.resource_type?.toLowerCase(),
      truncated: data.truncated_fields?.join(),
    },
  }
}

function consoleTold(data: EventData): Told {
  const isLogEntry = data.log_source !== undefined
  const level = data.level === 'warning' && !isLogEntry ? 'warning' : (data.level ?? 'error')
  return {
    kind: 'console',
    key: `${level} ${data.text ?? ''}`,
    attributes: place(data),
    notes: { log_source: data.log_source, group: `${level} ${data.args?.length ?? 0}` },
  }
}

function exceptionTold(data: EventData): Told {
  const text = (data.text ?? '').replace(/^Uncaught (?:\(in promise\) ?)?/, '')
  return { kind: 'exception', key: text, attributes: { ...place(data) }, notes: { line: data.line, group: 'exception' } }
}

const tellers: Readonly<Record<string, (data: EventData) => Told | undefined>> = {
  network_request: requestTold,
  network_response: responseTold,
  network_loading_failed: (data) => ({
    kind: 'failure',
    key: withoutFragment(data.url ?? ''),
    attributes: { ...place(data), error_text: data.error_text },
    notes: { canceled: data.canceled, blocked_reason: data.blocked_reason, cors_error: data.cors_error },
  }),
  console_log: consoleTold,
  console_error: (data) => (data.args === undefined ? exceptionTold(data) : consoleTold(data)),
  page_navigation: (data) => ({
    kind: 'navigation',
    key: data.url ?? '',
    attributes: { ...place(data), is_top: data.parent_frame_id === undefined },
    notes: { navigation_type: data.navigation_type },
  }),
  page_navigated_within_document: (data) => ({
    kind: 'navigation',
    key: data.url ?? '',
    // The main frame of a tab has the id of its target.
    attributes: { ...place(data), is_top: data.frame_id === tabOf(data) },
    notes: { within_document: true },
  }),
  page_dom_content_loaded: (data) => ({ kind: 'dom_content_loaded', key: data.url ?? '', attributes: place(data) }),
  page_load: (data) => ({ kind: 'load', key: data.url ?? '', attributes: place(data) }),
  page_tab_opened: (data) =>
    data.target_type === 'page' ? { kind: 'tab_opened', key: data.target_id ?? '', attributes: { opener: data.opener_id } } : undefined,
  page_dialog_opened: (data) => ({
    kind: 'dialog',
    key: `${data.dialog_type} ${data.message ?? ''}`,
    attributes: { ...place(data), default_prompt: data.default_prompt ?? '' },
  }),
  page_download_started: (data) => ({
    kind: 'download_started',
    key: data.url ?? '',
    attributes: { ...place(data), suggested_filename: data.suggested_filename },
  }),
  page_download_finished: (data) => ({ kind: 'download_finished', key: data.url ?? '', attributes: { ...place(data), state: data.state } }),
  network_websocket_opened: (data) => ({
    kind: 'websocket_opened',
    key: data.url ?? '',
    attributes: { ...place(data), status: data.status },
  }),
  network_websocket_frame: (data) => ({
    kind: data.direction === 'sent' ? 'websocket_sent' : 'websocket_received',
    key: `${data.url} ${data.payload_bytes}`,
    attributes: { ...place(data), payload: data.payload },
    notes: { opcode: data.opcode, truncated: data.truncated_fields?.join() },
  }),
  network_websocket_closed: (data) => ({
    kind: 'websocket_closed',
    key: data.url ?? '',
    attributes: { ...place(data), frames_sent: data.frames_sent, frames_received: data.frames_received },
    notes: { error_text: data.error_text },
  }),
}
