// Every error that can leave the system: a stable code, its HTTP status and a text that gives the value and the next step.
// Expected outcomes are not errors; they are returned.

interface ErrorDefinition<Detail> {
  readonly httpStatus: number
  /** When it happens, for the documents. */
  readonly summary: string
  readonly text: (detail: Detail) => string
}

function defineError<Detail>(httpStatus: number, summary: string, text: (detail: Detail) => string): ErrorDefinition<Detail> {
  return { httpStatus, summary, text }
}

/** What helps against what a file system says. */
function remedyFor(reason: string): string {
  if (/ENOSPC|EDQUOT/.test(reason)) return 'Free some space there'
  return reason.includes('EROFS') ? 'Make its file system writable' : 'Give this user write access to it'
}

/** The table of errors; `docs/reference/errors.md` is generated from it and a test pins its codes. */
export const errorTable = {
  unknown_category: defineError<{ category: string; known: string }>(
    400,
    'A category that does not exist, or that cannot be set.',
    ({ category, known }) => `Category ${JSON.stringify(category)} is not one that can be used here. Known: ${known}.`,
  ),
  cursor_expired: defineError<{ asked: number; oldest: number }>(
    410,
    'A cursor older than the oldest kept event, where a gap cannot be reported in band.',
    ({ asked, oldest }) => `Events after ${asked} are gone; the oldest kept is ${oldest}. Read from there.`,
  ),
  // HTTP, any route
  invalid_json: defineError<{ problem: string }>(
    400,
    'A request body that is not JSON.',
    ({ problem }) => `The request body is not JSON: ${problem}. Send one JSON object in UTF-8.`,
  ),
  invalid_request: defineError<{ path: string; problem: string }>(
    400,
    'A value in a path, query or body that is not of the documented form; `details` lists each.',
    ({ path, problem }) => `${path}: ${problem}. See /openapi.json for what this route takes.`,
  ),
  malformed_http: defineError<{ problem: string }>(
    400,
    'Bytes that are not an HTTP request.',
    ({ problem }) => `This is not a readable HTTP request (${problem}). Send HTTP/1.1.`,
  ),
  request_aborted: defineError<Record<never, never>>(
    400,
    'A client that went away before its request body was complete.',
    () => 'The connection closed before the request body was complete. Send it again.',
  ),
  origin_not_allowed: defineError<{ origin: string }>(
    400,
    'A request that a page of another site made. Not 403, which clients take for a bad token.',
    ({ origin }) => `Requests from ${origin} are refused. Start the server with that origin allowed for CORS to let its pages in.`,
  ),
  token_invalid: defineError<{ problem: string }>(
    401,
    'A request without a token, or with one that is no good, at a server that asks for tokens.',
    ({ problem }) => `${problem} Give the jwt of this browser as ?jwt= or as Authorization: Bearer.`,
  ),
  token_for_other_browser: defineError<Record<never, never>>(
    403,
    'A good token of another browser.',
    () => 'This token is for another browser. Give the jwt of this one as ?jwt= or as Authorization: Bearer.',
  ),
  browser_gone: defineError<{ browser: string }>(
    404,
    'A path of a browser that this server does not have: it ended, or its port serves another one now.',
    ({ browser }) => `Browser ${JSON.stringify(browser)} is not here. It has ended; ask where it was created.`,
  ),
  not_found: defineError<{ path: string }>(
    404,
    'A path that this server does not have.',
    ({ path }) => `There is nothing at ${path}. GET /openapi.json lists every route.`,
  ),
  method_not_allowed: defineError<{ method: string; path: string; allowed: string }>(
    405,
    'A method that the path does not have; the header `Allow` lists those it has.',
    ({ method, path, allowed }) => `${path} does not take ${method}. Allowed: ${allowed}.`,
  ),
  request_timeout: defineError<Record<never, never>>(
    408,
    'A request that did not arrive in time.',
    () => 'The request did not arrive completely in time. Send it again.',
  ),
  body_too_large: defineError<{ limitBytes: number }>(
    413,
    'A request body over the bound.',
    ({ limitBytes }) => `The request body is larger than ${limitBytes} bytes. Send less.`,
  ),
  host_not_allowed: defineError<{ host: string }>(
    421,
    'A `Host` header that names neither loopback nor an allowed name: the defence against DNS rebinding.',
    ({ host }) =>
      `Host ${JSON.stringify(host)} is not a name of this server. Use 127.0.0.1 or localhost, or start the server with that host allowed.`,
  ),
  headers_too_large: defineError<{ limitBytes: number }>(
    431,
    'Request headers over the bound.',
    ({ limitBytes }) => `The request headers are larger than ${limitBytes} bytes. Send fewer or shorter ones.`,
  ),
  internal_error: defineError<Record<never, never>>(
    500,
    'A defect of this server; its own log has the details.',
    () => "The server failed on this request; its log says why. Please report it with the log's lines of this moment.",
  ),
  too_many_streams: defineError<{ limit: number }>(
    503,
    'More open streams than the server allows.',
    ({ limit }) => `${limit} streams are open already, which is the most. Close one and try again.`,
  ),
  // HTTP, starting a server
  port_in_use: defineError<{ host: string; port: number }>(
    500,
    'The port to listen on is taken.',
    ({ host, port }) => `Port ${port} on ${host} is in use already. Stop the program that has it, or choose another with --port.`,
  ),
  host_not_available: defineError<{ host: string; port: number; problem: string }>(
    500,
    'The address to listen on cannot be used.',
    ({ host, port, problem }) => `Cannot listen on ${host}:${port}: ${problem}. Choose another address with --host or --port.`,
  ),
  weak_token_secret: defineError<{ leastBytes: number }>(
    500,
    'A secret for tokens that is missing or too short.',
    ({ leastBytes }) => `A secret for tokens needs at least ${leastBytes} bytes. Make one with: openssl rand -base64 48`,
  ),
  insecure_host: defineError<{ host: string }>(
    500,
    'Listening beyond loopback without a token secret.',
    ({ host }) =>
      `Listening on ${host} would let everybody who can reach it in. Give a secret for tokens (TABSCOPE_TOKEN_SECRET), or use --host 127.0.0.1.`,
  ),
  browser_id_missing: defineError<Record<never, never>>(
    500,
    'A secret for tokens without the browser that they are for.',
    () => 'A token is for one browser, so a server with a token secret needs its id: give --browser-id.',
  ),
  invalid_browser_id: defineError<Record<never, never>>(
    500,
    'A browser id that cannot be part of a path.',
    () => 'A browser id has 1 to 128 letters, digits, `_` and `-`, and begins with a letter or a digit. Give another with --browser-id.',
  ),
  invalid_base_path: defineError<Record<never, never>>(
    500,
    'A base path that is none.',
    () => 'A base path is one or more segments of letters, digits and `._~-`, such as /browser/b-1, without a slash at its end.',
  ),
  page_not_opened: defineError<{ url: string; problem: string }>(
    500,
    'A page to be opened at start that could not be.',
    ({ url, problem }) => `${JSON.stringify(url)} could not be opened: ${problem}. Give --open a whole URL, such as https://example.com.`,
  ),
  // Telemetry of one browser
  telemetry_not_configured: defineError<Record<never, never>>(
    404,
    'Telemetry is off.',
    () => 'Telemetry is not configured. Send PUT /telemetry to switch it on.',
  ),
  telemetry_not_applied: defineError<{ problem: string }>(
    500,
    'A configuration that could not be applied. It was rolled back: the old capture goes on.',
    ({ problem }) => `The configuration could not be applied and was rolled back: ${problem}. The old one is still in force.`,
  ),
  storage_off: defineError<Record<never, never>>(
    409,
    'History asked of a server that keeps events in memory only.',
    () => 'Events are kept in memory only, so there is no history. Read GET /telemetry/stream?replay=all, or switch storage on.',
  ),
  // The control plane
  api_key_missing: defineError<Record<never, never>>(
    401,
    'A request to the control plane without an API key, or with one that it does not know.',
    () =>
      'The API key is missing or not known here. Send it as `Authorization: Bearer KEY`; the control plane printed it at its first start.',
  ),
  rate_limited: defineError<{ perSecond: number }>(
    429,
    'More requests a second than the control plane allows.',
    ({ perSecond }) =>
      `More than ${perSecond} requests a second. Wait as \`Retry-After\` says, or start the control plane with another --rate-limit.`,
  ),
  too_many_browsers: defineError<{ limit: number }>(
    429,
    'More browsers than the control plane allows at a time.',
    ({ limit }) =>
      `${limit} browsers are there already, which is the most. Delete one, or start the control plane with another --max-browsers.`,
  ),
  browser_not_found: defineError<{ id: string }>(
    404,
    'No browser has this id or name.',
    ({ id }) => `There is no browser ${JSON.stringify(id)}. GET /browsers lists them; ended ones with ?status=deleted.`,
  ),
  name_taken: defineError<{ name: string; what: string }>(
    409,
    'A name that another browser or destination has.',
    ({ name, what }) => `The name ${JSON.stringify(name)} belongs to another ${what} already. Choose another, or delete that one.`,
  ),
  not_supported: defineError<{ field: string }>(
    400,
    'A field of the published contract that would change what a program gets, and that this control plane does not have.',
    ({ field }) => `\`${field}\` is not supported here, and leaving it out in silence could change your results. Leave it out yourself.`,
  ),
  browser_start_failed: defineError<{ problem: string }>(
    500,
    'The server of a new browser ended, or did not answer in time.',
    ({ problem }) => `The browser did not start: ${problem}. Try \`tabscope serve\` on that machine.`,
  ),
  browser_unreachable: defineError<{ id: string; problem: string }>(
    502,
    'The server of a browser does not answer its control plane.',
    ({ id, problem }) => `The server of browser ${id} does not answer: ${problem}. Ask again; if it stays so, delete the browser.`,
  ),
  destination_not_found: defineError<{ id: string }>(
    404,
    'No OTLP destination has this id or name.',
    ({ id }) => `There is no destination ${JSON.stringify(id)}. GET /telemetry/destinations lists them.`,
  ),
  destination_in_use: defineError<{ name: string }>(
    409,
    'An OTLP destination that a running browser exports to.',
    ({ name }) => `Destination ${JSON.stringify(name)} is in use by a running browser. Delete that browser first.`,
  ),
  too_many_destinations: defineError<{ limit: number }>(
    400,
    'More OTLP destinations than the control plane keeps.',
    ({ limit }) => `${limit} destinations are there already, which is the most. Delete one.`,
  ),
  chromium_not_found: defineError<{ asked?: string | undefined }>(
    500,
    'No Chromium can be found, or the one that was named is not an executable file.',
    ({ asked }) =>
      asked === undefined
        ? 'No Chromium or Chrome was found. Install one (Debian, Ubuntu: `apt-get install chromium`), or name it with --chromium PATH or CHROMIUM_PATH.'
        : `${JSON.stringify(asked)} is not an executable file. Name a Chromium or Chrome with --chromium PATH or CHROMIUM_PATH.`,
  ),
  chromium_start_failed: defineError<{ path: string; reason: string; output: string; pid?: number | undefined }>(
    500,
    'Chromium was started but did not open its DevTools endpoint.',
    ({ path, reason, output }) =>
      `${path} ${reason}. Its last words: ${JSON.stringify(output)}. Try it by hand, or name another with --chromium PATH.`,
  ),
  display_not_found: defineError<{ reason: string }>(
    500,
    'A visible browser was asked for, but there is no display to show it on.',
    ({ reason }) =>
      `No display for a visible browser: ${reason}. Set DISPLAY, install Xvfb (\`apt-get install xvfb\`), or leave out --headful.`,
  ),
  display_grab_failed: defineError<{ display: string; reason: string }>(
    500,
    'A picture of the display that could not be taken; the page is pictured instead.',
    ({ display, reason }) =>
      `No picture of display ${display}: ${reason}. Install ffmpeg (\`apt-get install ffmpeg\`), or set screenshot.scope to "page".`,
  ),
  // Reaching a Chromium
  devtools_bad_url: defineError<{ endpoint: string }>(
    400,
    'A DevTools endpoint that is not a usable URL.',
    ({ endpoint }) =>
      `${JSON.stringify(endpoint)} is not a DevTools endpoint. Give http://HOST:PORT (of --remote-debugging-port) or the ws:// URL that Chromium printed.`,
  ),
  devtools_unreachable: defineError<{ endpoint: string; cause: string }>(
    503,
    'Nothing answers at the DevTools endpoint.',
    ({ endpoint, cause }) => `No Chromium answers at ${endpoint}: ${cause}. Start it with --remote-debugging-port, or check host and port.`,
  ),
  devtools_bad_answer: defineError<{ endpoint: string; answer: string }>(
    502,
    'Something answers at the DevTools endpoint, but not as a Chromium does.',
    ({ endpoint, answer }) =>
      `${endpoint} does not answer /json/version as Chromium does (${JSON.stringify(answer)}). Check the port; Chromium takes only an IP address or localhost as host name.`,
  ),
  // Exporting
  otlp_bad_config: defineError<{ variable: string; problem: string }>(
    500,
    'An environment variable of the OTLP export that cannot be understood. Its value is not shown: it may be a secret.',
    ({ variable, problem }) => `${variable} ${problem}. Correct it, or export nothing.`,
  ),
  devtools_refused: defineError<{ path: string; answer: string }>(
    404,
    'A DevTools path that Chromium does not have, such as that of a tab that is closed.',
    ({ path, answer }) => `Chromium does not take ${path}: ${JSON.stringify(answer)}. GET /json/list shows what can be connected to.`,
  ),
  no_browser: defineError<Record<never, never>>(
    503,
    'A request that needs the browser, at a server that has none at this moment.',
    () => 'There is no browser to be reached now. Try again, or see GET /readyz.',
  ),
  url_not_allowed: defineError<{ host: string; reason: string }>(
    400,
    'An address that the curl policy of this server keeps its clients from. Not 403, which clients take for a bad token.',
    ({ host, reason }) => `Requests to ${host} are not made: ${reason}. The server's --curl decides what may be asked for.`,
  ),
  curl_off: defineError<Record<never, never>>(
    404,
    'A request through the browser at a server that makes none.',
    () => 'This server makes no requests for its clients. Start it with another --curl than off.',
  ),
  curl_failed: defineError<{ url: string; reason: string }>(
    502,
    "A request through the browser that got no answer; the reason is Chromium's own word.",
    ({ url, reason }) =>
      /ERR_CERT_|ERR_SSL_/.test(reason)
        ? `The browser got no answer from ${url}: ${reason}. It does not trust that server's TLS; an authority that the browser knows has to sign the certificate.`
        : `The browser got no answer from ${url}: ${reason}. Check the address, or that it can be reached from where the browser runs.`,
  ),
  curl_answer_too_large: defineError<{ limitBytes: number }>(
    502,
    'An answer through the browser that is larger than can be handed over at once.',
    ({ limitBytes }) => `The answer is larger than ${limitBytes} bytes. Ask through /curl/raw, which streams it.`,
  ),
  curl_timeout: defineError<{ url: string; timeoutMs: number }>(
    504,
    'A request through the browser that was not answered in time.',
    ({ url, timeoutMs }) => `${url} did not answer within ${timeoutMs} ms. Give a longer timeout_ms.`,
  ),
  too_many_curls: defineError<{ limit: number }>(
    503,
    'More requests through the browser at a time than the server holds.',
    ({ limit }) => `${limit} requests through the browser are waiting already, which is the most. Try again later.`,
  ),
  upgrade_required: defineError<{ path: string }>(
    426,
    'A DevTools path that is not asked for as a WebSocket.',
    ({ path }) => `${path} is a WebSocket. Connect with a DevTools client, or ask for GET /json/version.`,
  ),
  too_many_cdp_clients: defineError<{ limit: number }>(
    503,
    'More relayed DevTools connections than the server allows.',
    ({ limit }) => `${limit} DevTools clients are connected already, which is the most. Close one and try again.`,
  ),
  // The log on disk
  data_folder_locked: defineError<{ directory: string }>(
    500,
    'A data folder that another process has open.',
    ({ directory }) => `The data folder ${directory} is in use by another process. Stop that one, or choose another folder with --data.`,
  ),
  s2_not_configured: defineError<{ problem: string }>(
    500,
    'An S2 stream to be read without saying in which S2.',
    ({ problem }) => `S2 is not configured: ${problem}. Set S2_ACCESS_TOKEN and S2_BASIN.`,
  ),
  s2_unreadable: defineError<{ stream: string; reason: string }>(
    503,
    'An S2 stream that cannot be read.',
    ({ stream, reason }) => `${stream} cannot be read: ${reason}. Check its name, the token and the network.`,
  ),
  file_not_writable: defineError<{ path: string; reason: string }>(
    500,
    'A file to be made that could not be made.',
    ({ path, reason }) => `${path} cannot be written: ${reason}. Name a file that is not there yet, in a folder where this user may write.`,
  ),
  data_folder_missing: defineError<{ directory: string; reason: string }>(
    404,
    'A folder to be read that holds no events, or cannot be read.',
    ({ directory, reason }) =>
      `There are no events to read in ${directory}: ${reason}. Name the folder that a server was given as --data, or let this user read it.`,
  ),
  data_folder_not_writable: defineError<{ directory: string; reason: string }>(
    500,
    'A data folder that cannot be created, read or written.',
    ({ directory, reason }) =>
      `The data folder ${directory} cannot be used: ${reason}. ${remedyFor(reason)}, or choose another with --data.`,
  ),
  data_folder_newer: defineError<{ directory: string; version: number }>(
    500,
    'A data folder that a newer release wrote.',
    ({ directory, version }) =>
      `The data folder ${directory} has format ${version}, which is newer than this release. Update, or choose another with --data.`,
  ),
  monitor_closed: defineError<Record<never, never>>(
    503,
    'A configuration for a monitor that is shut down.',
    () => 'The monitor is closed; nothing is captured any more. Start the server again.',
  ),
  log_closed: defineError<Record<never, never>>(
    503,
    'An event or a read after the log was closed.',
    () => 'The event log is closed. Open it again first.',
  ),
  sink_unavailable: defineError<{ name: string; problem: string }>(
    503,
    'A destination of events that does not take them at this moment. It is tried again; events wait in the log meanwhile.',
    ({ name, problem }) => `The sink ${name} cannot write: ${problem}. Its events are kept and it is tried again.`,
  ),
  archive_unreachable: defineError<{ destination: string; beforeSeq: number; problem: string }>(
    503,
    'History that is only in S2 any more, and S2 did not answer.',
    ({ destination, beforeSeq, problem }) =>
      `Events before ${beforeSeq} are only in ${destination}, which could not be read: ${problem}. Try again, or ask for newer ones with \`since\` or \`offset\`.`,
  ),
  sink_closed: defineError<{ name: string }>(
    503,
    'A write to a sink that was closed.',
    ({ name }) => `The sink ${name} is closed. Start the server again to go on; what it does not have is kept until then.`,
  ),
  sink_conflict: defineError<{ name: string; destination: string; problem: string; remedy: string }>(
    409,
    'A sink that found something at its destination which this log did not write. It stops, because going on would mix two logs.',
    ({ name, destination, problem, remedy }) => `The sink ${name} stopped: ${problem} at ${destination}. ${remedy}`,
  ),
  storage_not_switchable: defineError<Record<never, never>>(
    409,
    'Storage switched off on a server that keeps events on disk. Nothing of the request was applied.',
    () => 'This server keeps events on disk for as long as it runs. Start one without a data folder to keep them in memory only.',
  ),
} as const

export type ErrorCode = keyof typeof errorTable
export type ErrorDetail<Code extends ErrorCode> = Parameters<(typeof errorTable)[Code]['text']>[0]

/** An error with a stable code. Its message is safe to show: it names values, never secrets. */
export class TelemetryError<Code extends ErrorCode = ErrorCode> extends Error {
  override readonly name = 'TelemetryError'
  readonly code: Code
  readonly detail: ErrorDetail<Code>
  readonly httpStatus: number

  constructor(code: Code, detail: ErrorDetail<Code>, options?: ErrorOptions) {
    const definition = errorTable[code] as ErrorDefinition<ErrorDetail<Code>>
    super(definition.text(detail), options)
    this.code = code
    this.detail = detail
    this.httpStatus = definition.httpStatus
  }
}
