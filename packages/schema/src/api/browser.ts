// Routes that reach through to the browser: requests over its own network stack, and its DevTools for other clients.
import { z } from 'zod'
import { limits } from '../limits.ts'
import { bodyErrors, queryText, type RouteDeclaration } from './route.ts'

export const curlRequestSchema = z.object({
  url: z.string().meta({ description: 'What to ask for: http or https' }),
  method: z.string().optional().meta({ description: 'Default GET; any but CONNECT' }),
  headers: z
    .record(z.string(), z.string())
    .optional()
    .meta({ description: "Beside the browser's own; a name that it sets too replaces it" }),
  body: z.string().optional().meta({ description: 'Sent as UTF-8' }),
  response_encoding: z.enum(['utf8', 'base64']).optional().meta({ description: 'How `body` of the answer is encoded; default utf8' }),
  timeout_ms: z
    .int()
    .positive()
    .max(limits.curlMostMs)
    .optional()
    .meta({ description: `Deadline for everything; default ${limits.curlMs}` }),
})
export type CurlRequest = z.infer<typeof curlRequestSchema>

/** The body of `PATCH /browser`. */
export const showRequestSchema = z.object({
  url: z.string().nullish().meta({ description: 'A page to go to' }),
  viewport: z
    .object({ width: z.int().min(1).max(limits.viewportPixels), height: z.int().min(1).max(limits.viewportPixels) })
    .nullish()
    .meta({ description: 'Size of what a page sees' }),
})

export type ShowRequest = z.infer<typeof showRequestSchema>

export const curlAnswerSchema = z.object({
  status: z.int(),
  headers: z.record(z.string(), z.array(z.string())),
  body: z.string(),
  duration_ms: z.int().nonnegative(),
})

/** What a request through the browser can end with, beyond what reading its body can. */
export const curlErrors = [
  'url_not_allowed',
  'curl_off',
  'curl_failed',
  'curl_timeout',
  'too_many_curls',
  'no_browser',
  'devtools_unreachable',
  'devtools_bad_answer',
] as const

const rawParameters = [
  queryText('url', 'What to ask for: http or https.'),
  queryText('timeout_ms', `Deadline for everything; default ${limits.curlMs}.`, z.int().positive().max(limits.curlMostMs)),
]

const rawOperations = {
  GET: 'BrowserCurlRaw',
  POST: 'BrowserCurlRawPost',
  PUT: 'BrowserCurlRawPut',
  PATCH: 'BrowserCurlRawPatch',
  DELETE: 'BrowserCurlRawDelete',
} as const

const rawRoutes: readonly RouteDeclaration[] = Object.entries(rawOperations).map(([method, operationId]) => ({
  method: method as keyof typeof rawOperations,
  path: '/curl/raw',
  operationId,
  summary: "Make this request through the browser's own network stack; the answer is the other server's own, with its status.",
  tag: 'browser',
  recordedAs: 'api_call',
  parameters: rawParameters,
  ...(method === 'GET' ? {} : { body: { schema: z.string(), contentType: 'application/octet-stream', isRequired: false } }),
  answers: {
    200: {
      description: 'What the other server answered, with whatever status',
      schema: z.string(),
      contentType: 'application/octet-stream',
    },
  },
  errors: method === 'GET' ? curlErrors : [...curlErrors, 'request_aborted', 'body_too_large'],
}))

const upgraded = { 101: { description: 'A WebSocket that carries CDP' } } as const
const upgradeErrors = ['no_browser', 'devtools_unreachable', 'devtools_refused', 'upgrade_required', 'too_many_cdp_clients'] as const
const targetId = { name: 'target_id', in: 'path', description: 'The CDP target', schema: z.string() } as const

function jsonRoute(
  path: string,
  operationId: string,
  about: Pick<RouteDeclaration, 'summary'> & Partial<RouteDeclaration>,
): RouteDeclaration {
  return {
    method: 'GET',
    path,
    operationId,
    tag: 'browser',
    recordedAs: 'none',
    answers: { 200: { description: 'As Chromium answers, with addresses that lead through this server', schema: z.unknown() } },
    errors: ['no_browser', 'devtools_unreachable', 'devtools_bad_answer', 'devtools_refused'],
    ...about,
  }
}

const said = { answers: { 200: { description: 'As Chromium answers', schema: z.string(), contentType: 'text/plain' } } } as const

const devtoolsRoutes: readonly RouteDeclaration[] = [
  jsonRoute('/json', 'DevToolsTargets', { summary: 'As `GET /json/list`.' }),
  jsonRoute('/json/list', 'DevToolsList', { summary: 'The targets that a DevTools client can connect to.' }),
  jsonRoute('/json/version', 'DevToolsVersion', { summary: 'The browser, and where its DevTools WebSocket is.' }),
  jsonRoute('/json/protocol', 'DevToolsProtocol', { summary: 'The DevTools protocol of this browser.' }),
  jsonRoute('/json/new', 'DevToolsNew', {
    method: 'PUT',
    summary: 'Open a tab; the whole query is its URL.',
    recordedAs: 'api_call',
  }),
  jsonRoute('/json/activate/{target_id}', 'DevToolsActivate', {
    summary: 'Bring a tab to the front.',
    parameters: [targetId],
    recordedAs: 'api_call',
    ...said,
  }),
  jsonRoute('/json/close/{target_id}', 'DevToolsClose', {
    summary: 'Close a tab.',
    parameters: [targetId],
    recordedAs: 'api_call',
    ...said,
  }),
  {
    method: 'GET',
    path: '/cdp',
    operationId: 'Cdp',
    summary: "The browser's own DevTools WebSocket, whichever Chromium it is now.",
    tag: 'browser',
    recordedAs: 'none',
    answers: upgraded,
    errors: upgradeErrors,
  },
  {
    method: 'GET',
    path: '/devtools/{kind}/{target_id}',
    operationId: 'DevTools',
    summary: 'The DevTools WebSocket of one target, as `/json/list` names it.',
    tag: 'browser',
    recordedAs: 'none',
    parameters: [{ name: 'kind', in: 'path', description: '`browser` or `page`', schema: z.string() }, targetId],
    answers: upgraded,
    errors: upgradeErrors,
  },
]

export const browserRoutes: readonly RouteDeclaration[] = [
  {
    method: 'PATCH',
    path: '/browser',
    operationId: 'ShowPage',
    summary: 'Let the browser go to a page, or give its window a size.',
    tag: 'browser',
    recordedAs: 'platform_api_call',
    body: { schema: showRequestSchema, isRequired: false },
    answers: { 204: { description: 'It does' } },
    errors: [...bodyErrors, 'page_not_opened'],
  },
  {
    method: 'POST',
    path: '/curl',
    operationId: 'BrowserCurl',
    summary: "Make a request through the browser's own network stack: its cookies, proxy and TLS.",
    tag: 'browser',
    recordedAs: 'api_call',
    body: { schema: curlRequestSchema, isRequired: true },
    answers: { 200: { description: 'What the server answered', schema: curlAnswerSchema } },
    errors: [...bodyErrors, ...curlErrors, 'curl_answer_too_large'],
  },
  ...rawRoutes,
  ...devtoolsRoutes,
]
