// Which answer a path gets. Paths that are not here are files.
import type { Asked } from '../web-server.ts'
import { say } from './say.ts'
import { release, streamAnswers } from './streams.ts'

type Answer = (asked: Asked) => void | Promise<void>

const answers: Readonly<Record<string, Answer>> = {
  ...streamAnswers,
  /** `?to=…&status=302&left=3`: so many hops to itself, then to the place. */
  redirect: (asked) => {
    const { searchParams } = asked.url
    const left = Number(searchParams.get('left') ?? '0')
    const location = left > 0 ? `/answer/redirect?${with_(searchParams, 'left', String(left - 1))}` : (searchParams.get('to') ?? '/')
    say(asked, { status: Number(searchParams.get('status') ?? '302'), headers: { location, ...corsOf(asked) } })
  },
  status: (asked) => {
    const status = Number(asked.url.searchParams.get('code') ?? '200')
    const hasBody = status !== 204 && status !== 205 && status !== 304
    say(asked, { status, headers: corsOf(asked), ...(hasBody ? { body: `status ${status}` } : {}) })
  },
  json: (asked) =>
    say(asked, {
      headers: { 'content-type': 'application/json', ...corsOf(asked) },
      body: JSON.stringify({ method: asked.request.method, query: asked.url.search }),
    }),
  /** What was sent, as text; binary content is only counted. */
  echo: (asked) => {
    const type = asked.request.headers['content-type'] ?? 'none'
    say(asked, { headers: corsOf(asked), body: `${asked.request.method} ${type.split(';')[0]} ${asked.body.length} bytes` })
  },
  /** A page: `?title=…`; `&release=…` lets go of the answer of that name. */
  page: (asked) => {
    const released = asked.url.searchParams.get('release')
    if (released !== null) release(asked, released)
    say(asked, {
      headers: { 'content-type': 'text/html; charset=utf-8' },
      body: `<!doctype html><link rel="icon" href="data:,"><title>${asked.url.searchParams.get('title') ?? 'page'}</title><h1>${asked.request.method} ${asked.body.length}</h1>`,
    })
  },
  cookie: (asked) =>
    say(asked, {
      headers: { 'set-cookie': ['first=1; Path=/', 'second=2; Path=/; HttpOnly', 'third=3; Path=/; SameSite=Lax'], ...corsOf(asked) },
      body: asked.request.headers.cookie ?? 'no cookie',
    }),
  'many-headers': (asked) =>
    say(asked, {
      headers: {
        'x-one': '1',
        'x-empty': '',
        'x-unicode': encodeURIComponent('grüß'),
        link: ['</a>; rel=x', '</b>; rel=y'],
        vary: 'accept',
      },
      body: 'headers',
    }),
  /** Kept by the cache for an hour. */
  cached: (asked) => say(asked, { headers: { 'cache-control': 'max-age=3600', ...typeOf(asked) }, body: `cached ${asked.url.search}` }),
  /** Asked for again each time, and then not changed. */
  revalidated: (asked) => {
    const headers = { 'cache-control': 'no-cache', etag: '"one"' }
    if (asked.request.headers['if-none-match'] === '"one"') say(asked, { status: 304, headers })
    else say(asked, { headers, body: 'revalidated' })
  },
  download: (asked) =>
    say(asked, {
      headers: { 'content-type': 'application/octet-stream', 'content-disposition': 'attachment; filename="report.bin"' },
      body: Buffer.alloc(5000, 7),
    }),
  'csp-page': (asked) =>
    say(asked, {
      headers: {
        'content-type': 'text/html; charset=utf-8',
        'content-security-policy': "default-src 'self' 'unsafe-inline'; img-src data:; report-uri /answer/echo?csp",
      },
      body: '<!doctype html><link rel="icon" href="data:,"><script src="/assets/case.js"></script><script>runCase(async () => { await added("img", { src: "/assets/dot.png" }) })</script>',
    }),
  unauthorised: (asked) => say(asked, { status: 401, headers: corsOf(asked), body: 'no' }),
  'service-worker.js': (asked) =>
    say(asked, {
      headers: { 'content-type': 'text/javascript', 'service-worker-allowed': '/' },
      body: `importScripts('/workers/service.js')`,
    }),
}

export function findAnswer(path: string): Answer | undefined {
  const name = path.startsWith('/answer/') ? path.slice('/answer/'.length) : ''
  return Object.hasOwn(answers, name) ? answers[name] : undefined
}

function with_(params: URLSearchParams, name: string, value: string): string {
  const changed = new URLSearchParams(params)
  changed.set(name, value)
  return changed.toString()
}

function typeOf({ url }: Asked): Record<string, string> {
  const type = url.searchParams.get('type')
  return type === null ? {} : { 'content-type': type }
}

// `?cors`: any origin may read; `?cors=credentials` also with cookies; `?cors=no-headers` allows no further headers.
function corsOf({ url, request }: Asked): Record<string, string> {
  const cors = url.searchParams.get('cors')
  if (cors === null) return {}
  const origin = { 'access-control-allow-origin': request.headers.origin ?? '*' }
  const preflight = { 'access-control-allow-methods': 'GET, POST, PUT, DELETE', 'access-control-max-age': '600' }
  if (cors === 'credentials') return { ...origin, ...preflight, 'access-control-allow-credentials': 'true' }
  return cors === 'no-headers'
    ? { ...origin, ...preflight }
    : { ...origin, ...preflight, 'access-control-allow-headers': 'x-custom, content-type' }
}
