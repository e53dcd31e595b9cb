// The way in for requests to one browser: takes the base path (`/browser/<id>`) off, takes the token out of the query, and checks it. After
// that a request looks like one to a server at the root without tokens; what was taken away is kept in its `Entry`. The token is removed
// before anybody sees the URL, so that none can come into a log or an error's text. It never reads a body.
import type { IncomingMessage, RequestListener } from 'node:http'
import { limits, TelemetryError } from '@tabscope/schema'
import { sendProblem } from './guard.ts'
import type { TokenFault, TokenVerifier } from './tokens.ts'

/** What a request came with that its route does not see. */
export interface Entry {
  /** The base path as it was asked for; empty for a request to the root. */
  readonly basePath: string
  /** The token as it was given; absent when there was none, or when none is asked for and none was given. */
  readonly token?: { readonly text: string; readonly in: 'query' | 'header' }
}

export interface EntranceOptions {
  /** Such as `/browser/b-1`. Requests to the root are let in beside it. Absent = no base path. */
  readonly basePath?: string | undefined
  /** The browser of this server. With it, a path that differs from `basePath` only in it is another browser's: `browser_gone`. */
  readonly browserId?: string | undefined
  /** Absent = no token is asked for. */
  readonly verifier?: TokenVerifier | undefined
  /** Paths below the base path that need no token, such as `/healthz`. */
  readonly openPaths: ReadonlySet<string>
}

export interface Entrance {
  /** Rewrites the URL of the request and checks its token. Answers why it may not come in, or undefined. Never rejects. */
  admit(incoming: IncomingMessage): Promise<TelemetryError | undefined>
}

const entries = new WeakMap<IncomingMessage, Entry>()
const noEntry: Entry = { basePath: '' }

/** What the request came with. */
export function entryOf(incoming: IncomingMessage): Entry {
  return entries.get(incoming) ?? noEntry
}

export function createEntrance(options: EntranceOptions): Entrance {
  return {
    admit: async (incoming) => {
      const path = rebased(originForm(incoming.url ?? '/'), options)
      if (path instanceof TelemetryError) return path
      const { url, jwt } = withoutToken(path.url)
      const token = jwt === undefined ? bearerOf(incoming) : ({ text: jwt, in: 'query' } as const)
      incoming.url = url
      entries.set(incoming, { basePath: path.basePath, ...(token === undefined ? {} : { token }) })
      if (options.verifier === undefined || options.openPaths.has(pathOf(url))) return undefined
      return tokenError(await options.verifier.fault(token?.text))
    },
  }
}

/** The listener behind the entrance. */
export function entered(listener: RequestListener, entrance: Entrance): RequestListener {
  return (incoming, outgoing) => {
    void entrance.admit(incoming).then((refused) => {
      if (refused === undefined) listener(incoming, outgoing)
      else sendProblem(outgoing, refused, refused.httpStatus === 401 ? { 'www-authenticate': 'Bearer' } : {})
    })
  }
}

const faultTexts: Readonly<Record<Exclude<TokenFault, 'other_browser'>, string>> = {
  missing: 'This server asks for a token and there is none.',
  invalid: 'This token is not one of this server.',
  expired: 'This token has expired.',
}

function tokenError(fault: TokenFault | undefined): TelemetryError | undefined {
  if (fault === undefined) return undefined
  if (fault === 'other_browser') return new TelemetryError('token_for_other_browser', {})
  return new TelemetryError('token_invalid', { problem: faultTexts[fault] })
}

/** A client that takes us for a proxy names host and all (RFC 9112, 3.2.2); the host is checked by its header, whatever it says there. */
function originForm(url: string): string {
  const rest = url.replace(/^https?:\/\/[^/?#]*/i, '')
  return rest.startsWith('/') || rest === '*' ? rest : `/${rest}`
}

function rebased(url: string, { basePath, browserId }: EntranceOptions): { basePath: string; url: string } | TelemetryError {
  if (basePath === undefined) return { basePath: '', url }
  const rest = behind(url, basePath)
  if (rest !== undefined) return { basePath, url: rest }
  if (browserId === undefined || !basePath.endsWith(`/${browserId}`)) return { basePath: '', url }
  const parent = basePath.slice(0, -browserId.length)
  const other = parent === '/' || !url.startsWith(parent) ? '' : pathOf(url.slice(parent.length)).split('/')[0]
  if (other === undefined || other === '') return { basePath: '', url }
  return new TelemetryError('browser_gone', { browser: other.slice(0, limits.foreignNameBytes) })
}

/** What follows `basePath` in the URL; undefined when the URL is not below it. Compared as written: ids need no escapes. */
function behind(url: string, basePath: string): string | undefined {
  if (!url.startsWith(basePath)) return undefined
  const rest = url.slice(basePath.length)
  if (rest === '' || rest.startsWith('?')) return `/${rest}`
  return rest.startsWith('/') ? rest : undefined
}

/** The URL without `jwt` in its query, everything else as it was written, and the first value of `jwt` that is not empty. */
function withoutToken(url: string): { url: string; jwt: string | undefined } {
  const at = url.indexOf('?')
  if (at < 0) return { url, jwt: undefined }
  const parts = url.slice(at + 1).split('&')
  const kept = parts.filter((part) => !isToken(part))
  if (kept.length === parts.length) return { url, jwt: undefined }
  const values = new URLSearchParams(parts.filter(isToken).join('&')).getAll('jwt')
  const path = url.slice(0, at)
  return { url: kept.length === 0 ? path : `${path}?${kept.join('&')}`, jwt: values.find((value) => value !== '') }
}

function isToken(part: string): boolean {
  return new URLSearchParams(part).has('jwt')
}

function bearerOf({ headers }: IncomingMessage): Entry['token'] {
  const text = /^bearer +(\S+) *$/i.exec(headers.authorization ?? '')?.[1]
  return text === undefined ? undefined : { text, in: 'header' }
}

function pathOf(url: string): string {
  return url.split(/[?#]/)[0] ?? ''
}
