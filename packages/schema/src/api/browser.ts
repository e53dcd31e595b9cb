// Routes that reach through to the browser: requests over its own network stack, and its DevTools for other clients.
import { z } from 'zod'
import { bodyErrors, queryText, type RouteDeclaration } from './route.ts'

export const curlRequestSchema = z.object({
  url: z.string().meta({ description: 'What to ask for: http or https' }),
  method: z.string().optional().meta({ description: 'Default GET' }),
  headers: z.record(z.string(), z.string()).optional(),
  body: z.string().optional(),
  response_encoding: z.enum(['utf8', 'base64']).optional().meta({ description: 'How `body` of the answer is encoded; default utf8' }),
  timeout_ms: z.int().positive().optional(),
})

export const curlAnswerSchema = z.object({
  status: z.int(),
  headers: z.record(z.string(), z.array(z.string())),
  body: z.string(),
  duration_ms: z.int().nonnegative(),
})

const devtoolsPath = { name: 'path', in: 'path', description: 'As Chromium has it', schema: z.string() } as const
const upgraded = { 101: { description: 'A WebSocket that carries CDP' } } as const

export const browserRoutes: readonly RouteDeclaration[] = [
  {
    method: 'POST',
    path: '/curl',
    operationId: 'BrowserCurl',
    summary: "Make a request through the browser's own network stack: its cookies, proxy and TLS.",
    tag: 'browser',
    recordedAs: 'api_call',
    body: { schema: curlRequestSchema, isRequired: true },
    answers: { 200: { description: 'What the server answered', schema: curlAnswerSchema } },
    errors: [...bodyErrors],
    isPlanned: true,
  },
  {
    method: 'GET',
    path: '/curl/raw',
    operationId: 'BrowserCurlRaw',
    summary: 'The same with any method, and the raw answer.',
    tag: 'browser',
    recordedAs: 'api_call',
    parameters: [queryText('url', 'What to ask for.'), queryText('timeout_ms', 'Deadline.', z.int().positive())],
    answers: { 200: { description: 'What the server answered', schema: z.string(), contentType: 'application/octet-stream' } },
    isPlanned: true,
  },
  {
    method: 'GET',
    path: '/json/{path}',
    operationId: 'DevToolsJson',
    summary: "Chromium's DevTools over HTTP, for other clients.",
    tag: 'browser',
    recordedAs: 'none',
    parameters: [devtoolsPath],
    answers: { 200: { description: 'As Chromium answers', schema: z.unknown() } },
    isPlanned: true,
  },
  {
    method: 'GET',
    path: '/devtools/{path}',
    operationId: 'DevTools',
    summary: "Chromium's DevTools over WebSocket, for other clients.",
    tag: 'browser',
    recordedAs: 'none',
    parameters: [devtoolsPath],
    answers: upgraded,
    isPlanned: true,
  },
  {
    method: 'GET',
    path: '/cdp',
    operationId: 'Cdp',
    summary: "The browser's own CDP endpoint over WebSocket.",
    tag: 'browser',
    recordedAs: 'none',
    answers: upgraded,
    isPlanned: true,
  },
]
