// What of a client's own request goes on through the browser, and what of the other server's answer comes back, for `/curl/raw`. The client's
// headers are about its connection to us as much as about its request; the answer's are written by a stranger and arrive under our name.

import type { IncomingMessage } from 'node:http'
import { entryOf } from '@tabscope/http'
import type { AnswerHead } from './exchange.ts'
import { isRequestHeader } from './request.ts'

/** Set by libraries and proxies, not by the person who asks: the browser's own are sent instead. */
const clientsOwn: ReadonlySet<string> = new Set([
  ...['user-agent', 'accept-encoding', 'accept-language', 'forwarded', 'via', 'origin', 'referer', 'purpose', 'priority'],
])

/** The headers that go on. */
export function forwardedHeaders(incoming: IncomingMessage): readonly (readonly [string, string])[] {
  const isOurs = entryOf(incoming).token?.in === 'header'
  return Object.entries(incoming.headers).flatMap(([name, value]) => {
    if (value === undefined || !isRequestHeader(name) || clientsOwn.has(name) || /^(x-stainless-|x-forwarded-|sec-)/.test(name)) return []
    // The token that let the client in here is nobody else's.
    if (name === 'authorization' && isOurs) return []
    if (name === 'accept' && value === '*/*') return []
    return [[name, Array.isArray(value) ? value.join(', ') : value] as const]
  })
}

/**
 * Left out: what was true of the other connection only (the body comes decoded and in chunks), and what would give the other server a say over
 * our origin in somebody's browser.
 */
const notHandedOn: ReadonlySet<string> = new Set([
  ...[
    'connection',
    'keep-alive',
    'transfer-encoding',
    'content-encoding',
    'content-length',
    'upgrade',
    'trailer',
    'te',
    'proxy-connection',
  ],
  ...['strict-transport-security', 'alt-svc', 'clear-site-data', 'service-worker-allowed', 'refresh', 'link', 'sourcemap', 'x-sourcemap'],
  ...['content-security-policy', 'content-security-policy-report-only', 'report-to', 'reporting-endpoints', 'nel', 'set-login'],
  ...['public-key-pins', 'expect-ct', 'origin-agent-cluster', 'accept-ch', 'critical-ch', 'x-should-retry', 'www-authenticate'],
])

/** The headers that come back. A page of an answer can do nothing here: it runs in a sandbox with an origin of its own. */
export function answeredHeaders({ headers }: AnswerHead, isFromPage: boolean): Headers {
  const answer = new Headers()
  for (const [name, value] of headers) {
    const lower = name.toLowerCase()
    if (notHandedOn.has(lower) || lower.startsWith('access-control-') || lower.startsWith('cross-origin-')) continue
    // A program wants the other server's cookies; a browser would keep them as ours.
    if (lower === 'set-cookie' && isFromPage) continue
    if (isSendable(name, value)) answer.append(name, value)
  }
  answer.set('content-security-policy', "sandbox; default-src 'none'")
  answer.set('x-content-type-options', 'nosniff')
  // The client gave up retrying by itself: what was asked for may have been done.
  answer.set('x-should-retry', 'false')
  return answer
}

function isSendable(name: string, value: string): boolean {
  return /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(name) && /^[\t\u0020-\u007e\u0080-\u00ff]*$/.test(value)
}
