// The published contract's event types, written down by hand from its field tables and on purpose not from the registry:
// the registry is tested against this. Never imported by the product.
// Follows `@onkernel/sdk` 0.84.0 (Node) and `kernel` 0.131.0 (Python, the newer of the two).

/**
 * One field: a kind, then `!` when the contract requires it, then ` P` when only the Python client knows it.
 * Kinds: string, int, number, boolean, string[], map (name → any), stack, or the values of an enum between bars.
 * Objects inside are tables of their own; a list of them is such a table in brackets.
 */
export type ContractField = string | ContractFields | readonly [ContractFields]
export interface ContractFields {
  readonly [name: string]: ContractField
}

/** One event type of the contract. */
export interface ContractType {
  readonly type: string
  readonly category: string
  /** Only the Python client knows it. */
  readonly python?: true
  readonly dataRequired?: true
  /** Has the fields of the browser context beside its own. */
  readonly context?: true
  readonly fields: ContractFields
}

const targetType = 'page|background_page|service_worker|shared_worker|other|iframe|worker'

/** CTX of the contract: all of it optional. */
export const contractContext: ContractFields = {
  frame_id: 'string',
  loader_id: 'string',
  nav_seq: 'int',
  session_id: 'string',
  target_id: 'string',
  target_type: targetType,
  url: 'string',
}

const captchaTypes = 'hcaptcha|recaptcha_v2|recaptcha_v3|turnstile|geetest|other|press_and_hold'
const captchaProviders = 'hcaptcha|recaptcha_v2|recaptcha_v3|turnstile|geetest|arkose|human|binance|other'
const captchaTask: ContractFields = {
  captcha_type: `${captchaTypes}!`,
  captcha_provider: `${captchaProviders} P`,
  task_kind: 'token|image_challenge|press_and_hold P',
  media: 'image|video P',
  challenge_id: 'string P',
  task_id: 'string',
  website_host: 'string',
  website_path: 'string',
}

const control: readonly ContractType[] = [
  {
    type: 'api_call',
    category: 'control',
    fields: { duration_ms: 'number!', operation_id: 'string!', request_id: 'string!', status: 'int!', code: 'string P' },
  },
  {
    type: 'platform_api_call',
    category: 'platform',
    python: true,
    fields: { duration_ms: 'number!', operation_id: 'string!', request_id: 'string!', status: 'int!' },
  },
]

const connection: readonly ContractType[] = [
  { type: 'cdp_connect', category: 'connection', fields: { connection_id: 'string P' } },
  {
    type: 'cdp_disconnect',
    category: 'connection',
    fields: {
      duration_ms: 'number!',
      message_count: 'int!',
      reason: 'client_close|upstream_changed|upstream_error|context_cancelled!',
      connection_id: 'string P',
      telemetry_dropped: 'int P',
      telemetry_excluded: 'int P',
    },
  },
  { type: 'live_view_connect', category: 'connection', fields: { session_id: 'string!' } },
  { type: 'live_view_disconnect', category: 'connection', fields: { duration_ms: 'number!', session_id: 'string!' } },
]

const captcha: readonly ContractType[] = [
  { type: 'captcha_solve_started', category: 'captcha', python: true, dataRequired: true, fields: captchaTask },
  {
    type: 'captcha_solve_result',
    category: 'captcha',
    fields: { ...captchaTask, duration_ms: 'number!', status: 'success|failure|timeout|abandoned!', error_code: 'string' },
  },
  {
    type: 'captcha_challenge_result',
    category: 'captcha',
    python: true,
    dataRequired: true,
    fields: {
      captcha_type: `${captchaTypes}!`,
      duration_ms: 'number!',
      status: 'solved|failure|timeout|abandoned!',
      captcha_provider: captchaProviders,
      website_host: 'string',
      website_path: 'string',
      challenge_id: 'string',
      task_id: 'string',
      inferred: 'boolean',
    },
  },
]

const system: readonly ContractType[] = [
  { type: 'service_crashed', category: 'system', fields: { phase: 'startup|running|gave_up!', service_name: 'string!', pid: 'int' } },
  {
    type: 'system_oom_kill',
    category: 'system',
    fields: {
      pid: 'int!',
      process_name: 'string!',
      rss_kb: 'int!',
      constraint: 'none|memcg|cpuset|memory_policy',
      mem_free_kb: 'int',
      mem_total_kb: 'int',
      top_tasks: [{ name: 'string!', pid: 'int!', rss_kb: 'int!' }],
      trigger_pid: 'int',
      trigger_process_name: 'string',
    },
  },
]

const consoleTypes: readonly ContractType[] = [
  {
    type: 'console_log',
    category: 'console',
    context: true,
    fields: { args: 'string[]', level: 'string', stack_trace: 'stack', text: 'string' },
  },
  {
    type: 'console_error',
    category: 'console',
    context: true,
    fields: {
      text: 'string!',
      args: 'string[]',
      level: 'string',
      line: 'int',
      column: 'int',
      source_url: 'string',
      stack_trace: 'stack',
    },
  },
]

const proxyErrorCodes =
  'destination_blocked|destination_route_unavailable|network_policy_denied|provider_blacklisted|provider_unreachable|provider_rejected|' +
  'origin_tls_timeout|origin_response_incomplete|proxy_unavailable|restricted_route_unavailable|upstream_timeout|upstream_dns_failure|' +
  'upstream_connect_failed|unknown'

const network: readonly ContractType[] = [
  {
    type: 'network_request',
    category: 'network',
    context: true,
    fields: {
      document_url: 'string',
      headers: 'map',
      initiator_type: 'string',
      is_redirect: 'boolean',
      method: 'string',
      post_data: 'string',
      redirect_url: 'string',
      request_id: 'string',
      resource_type: 'string',
    },
  },
  {
    type: 'network_response',
    category: 'network',
    context: true,
    fields: {
      body: 'string',
      headers: 'map',
      method: 'string',
      mime_type: 'string',
      request_id: 'string',
      resource_type: 'string',
      status: 'int',
      status_text: 'string',
    },
  },
  {
    type: 'network_loading_failed',
    category: 'network',
    context: true,
    fields: { canceled: 'boolean', error_text: 'string', request_id: 'string', resource_type: 'string' },
  },
  { type: 'network_idle', category: 'network', context: true, fields: {} },
  {
    type: 'proxy_error',
    category: 'network',
    python: true,
    context: true,
    fields: {
      request_id: 'string!',
      status: 'int!',
      method: 'string',
      resource_type: 'string',
      code: `${proxyErrorCodes}!`,
      raw_code: 'string',
    },
  },
]

const page: readonly ContractType[] = [
  {
    type: 'page_navigation',
    category: 'page',
    fields: {
      frame_id: 'string',
      loader_id: 'string',
      parent_frame_id: 'string',
      session_id: 'string',
      target_id: 'string',
      target_type: targetType,
      url: 'string',
    },
  },
  { type: 'page_dom_content_loaded', category: 'page', context: true, fields: { cdp_timestamp: 'number' } },
  { type: 'page_load', category: 'page', context: true, fields: { cdp_timestamp: 'number' } },
  {
    type: 'page_tab_opened',
    category: 'page',
    fields: { opener_id: 'string', target_id: 'string', target_type: targetType, title: 'string', url: 'string' },
  },
  {
    type: 'page_crashed',
    category: 'page',
    python: true,
    fields: { target_id: 'string!', target_type: `${targetType}!`, url: 'string!' },
  },
  {
    type: 'page_layout_shift',
    category: 'page',
    context: true,
    fields: {
      duration: 'number',
      layout_shift_details: { had_recent_input: 'boolean', value: 'number' },
      source_frame_id: 'string',
      time: 'number',
    },
  },
  {
    type: 'page_lcp',
    category: 'page',
    context: true,
    fields: {
      lcp_details: { element_id: 'string', load_time: 'number', node_id: 'int', render_time: 'number', size: 'number', url: 'string' },
      source_frame_id: 'string',
      time: 'number',
    },
  },
  { type: 'page_layout_settled', category: 'page', context: true, fields: {} },
  { type: 'page_navigation_settled', category: 'page', context: true, fields: {} },
]

const interaction: readonly ContractType[] = [
  {
    type: 'interaction_click',
    category: 'interaction',
    context: true,
    fields: { selector: 'string', tag: 'string', text: 'string', x: 'int', y: 'int' },
  },
  { type: 'interaction_key', category: 'interaction', context: true, fields: { key: 'string', selector: 'string', tag: 'string' } },
  {
    type: 'interaction_scroll_settled',
    category: 'interaction',
    context: true,
    fields: { from_x: 'int', from_y: 'int', to_x: 'int', to_y: 'int', target_selector: 'string' },
  },
]

const monitor: readonly ContractType[] = [
  { type: 'monitor_screenshot', category: 'screenshot', fields: { png: 'string' } },
  { type: 'monitor_disconnected', category: 'monitor', fields: { reason: 'chrome_restarted|' } },
  { type: 'monitor_reconnected', category: 'monitor', fields: { reconnect_duration_ms: 'int' } },
  { type: 'monitor_reconnect_failed', category: 'monitor', fields: { reason: 'reconnect_exhausted|' } },
  { type: 'monitor_init_failed', category: 'monitor', fields: { step: 'string' } },
]

/** Every type of the contract but `cdp_command`, whose table is contract-commands.ts. */
export const contractTable: readonly ContractType[] = [
  ...control,
  ...connection,
  ...captcha,
  ...system,
  ...consoleTypes,
  ...network,
  ...page,
  ...interaction,
  ...monitor,
]

/** Fields that are always there with us although the contract only allows them: the `!` of our own design. */
export const alwaysThere: Readonly<Record<string, readonly string[]>> = {
  console_log: ['level', 'text'],
  network_request: ['request_id', 'method', 'url'],
  // Not `method`: a response whose request began before capture could see it still has its event.
  network_response: ['request_id', 'url', 'status'],
  network_loading_failed: ['request_id', 'error_text', 'canceled'],
  page_tab_opened: ['target_id', 'target_type', 'url'],
  page_navigation: ['url', 'frame_id', 'loader_id'],
  page_dom_content_loaded: ['cdp_timestamp'],
  page_load: ['cdp_timestamp'],
  page_layout_shift: ['source_frame_id', 'time', 'duration'],
  page_lcp: ['source_frame_id', 'time'],
  interaction_click: ['x', 'y', 'selector', 'tag'],
  interaction_key: ['key', 'selector', 'tag'],
  interaction_scroll_settled: ['from_x', 'from_y', 'to_x', 'to_y', 'target_selector'],
  monitor_screenshot: ['png'],
  monitor_disconnected: ['reason', 'cause'],
  monitor_reconnected: ['reconnect_duration_ms'],
  monitor_init_failed: ['step'],
}
