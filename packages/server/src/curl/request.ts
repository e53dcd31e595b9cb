// One request to be made through the browser, checked: everything in it was written by a stranger. It knows no policy and sends nothing.
import { type CurlRequest, invalidRequest, limits } from '@tabscope/schema'

/** A request that can be made. */
export interface BrowserRequest {
  readonly url: URL
  readonly method: string
  /** Lower-case names. They take the place of the browser's own of the same name. */
  readonly headers: ReadonlyMap<string, string>
  readonly body: Buffer | undefined
  readonly timeoutMs: number
}

/** These belong to the connection, not to the request: whoever could set them could put a second request into it. */
const connectionHeaders: ReadonlySet<string> = new Set([
  ...['host', 'connection', 'content-length', 'transfer-encoding', 'keep-alive', 'upgrade', 'te', 'trailer', 'expect'],
  ...['proxy-connection', 'proxy-authorization', 'proxy-authenticate', 'http2-settings'],
])

/** Whether a header may be given for a request through the browser. */
export function isRequestHeader(name: string): boolean {
  return !connectionHeaders.has(name.toLowerCase())
}

/** The request that the body of `/curl` asks for. Throws `invalid_request`. */
export function requestOf(asked: CurlRequest): BrowserRequest {
  const url = urlOf(asked.url, 'body.url')
  const headers = headersOf(Object.entries(asked.headers ?? {}))
  return {
    url: withoutCredentials(url),
    method: methodOf(asked.method ?? 'GET'),
    headers: withCredentials(headers, url),
    body: asked.body === undefined ? undefined : Buffer.from(asked.body),
    timeoutMs: asked.timeout_ms ?? limits.curlMs,
  }
}

/** The URL, if it is one that can be asked for. `path` is where it stood. */
export function urlOf(text: string, path: string): URL {
  if (text.length > limits.curlUrlBytes) throw invalidRequest(path, `it is longer than ${limits.curlUrlBytes} bytes`)
  if (!URL.canParse(text)) throw invalidRequest(path, 'it is not a URL; give a whole one, such as https://example.com/')
  const url = new URL(text)
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    throw invalidRequest(path, `${url.protocol.slice(0, 32)} is not asked for; give http: or https:`)
  }
  url.hash = ''
  return url
}

function methodOf(text: string): string {
  const method = text.toUpperCase()
  // RFC 9110, 9.1: a token. CONNECT asks for a tunnel, which is no request.
  if (!/^[A-Z][A-Z0-9-]{0,31}$/.test(method) || method === 'CONNECT') {
    throw invalidRequest('body.method', `${JSON.stringify(text.slice(0, 32))} is not a method that can be used; give GET, POST or the like`)
  }
  return method
}

/** The headers by lower-case name. Throws `invalid_request` for what HTTP does not take, so that nothing can be injected. */
export function headersOf(entries: readonly (readonly [string, string])[]): ReadonlyMap<string, string> {
  if (entries.length > limits.curlHeaders) throw invalidRequest('body.headers', `more than ${limits.curlHeaders} headers`)
  const headers = new Map<string, string>()
  for (const [given, value] of entries) {
    const name = given.toLowerCase()
    const path = `body.headers.${name.slice(0, 64)}`
    if (!/^[!#$%&'*+.^_`|~0-9a-z-]+$/.test(name)) throw invalidRequest(path, 'it is not the name of a header')
    if (!isRequestHeader(name)) throw invalidRequest(path, 'it belongs to the connection and cannot be given')
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are the ones that HTTP does not take (RFC 9110, 5.5).
    if (/[\u0000-\u0008\u000a-\u001f\u007f]|[^\u0000-\u00ff]/.test(value))
      throw invalidRequest(path, 'its value has characters that a header cannot have')
    headers.set(name, value)
  }
  return headers
}

function withoutCredentials(url: URL): URL {
  const plain = new URL(url)
  plain.username = ''
  plain.password = ''
  return plain
}

/** `http://user:password@host` as curl understands it; pages may not ask for such a URL. */
function withCredentials(headers: ReadonlyMap<string, string>, { username, password }: URL): ReadonlyMap<string, string> {
  if ((username === '' && password === '') || headers.has('authorization')) return headers
  const basic = Buffer.from(`${decoded(username)}:${decoded(password)}`).toString('base64')
  return new Map([...headers, ['authorization', `Basic ${basic}`]])
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    // Not an escape, so it stands for itself.
    return text
  }
}

/** The next request of a redirect, or undefined when the answer is none. Follows fetch: https://fetch.spec.whatwg.org/#http-redirect-fetch */
export function redirected(request: BrowserRequest, status: number, location: string | undefined): BrowserRequest | undefined {
  if (![301, 302, 303, 307, 308].includes(status) || location === undefined || !URL.canParse(location, request.url.href)) return undefined
  const url = new URL(location, request.url)
  if (url.protocol !== 'http:' && url.protocol !== 'https:') return undefined
  url.hash = ''
  const becomesGet = status === 303 ? !['GET', 'HEAD'].includes(request.method) : status < 303 && request.method === 'POST'
  const dropped = new Set([
    ...(becomesGet ? ['content-type', 'content-encoding', 'content-language', 'content-location'] : []),
    // Whatever was said to one server is not for another.
    ...(url.origin === request.url.origin ? [] : ['authorization', 'cookie', 'origin']),
  ])
  const headers = new Map([...request.headers].filter(([name]) => !dropped.has(name)))
  const next = { ...request, url: withoutCredentials(url), headers: withCredentials(headers, url) }
  return becomesGet ? { ...next, method: 'GET', body: undefined } : next
}
