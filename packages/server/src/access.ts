// Who may come in to this server: from its options to the checks that stand before every route. Without a secret only loopback may be
// listened on; with one every route but health asks for a token. Decided once, at the start.
import {
  type AccessPolicy,
  createEntrance,
  createTokenIssuer,
  createTokenVerifier,
  type Entrance,
  type TokenVerifier,
  tokenKeys,
} from '@tabscope/http'
import { type Clock, systemClock, TelemetryError } from '@tabscope/schema'
import type { ServeOptions } from './config.ts'

export interface Access {
  readonly policy: AccessPolicy
  readonly entrance: Entrance
  /** Such as `/browser/b-1`; empty for a server at the root. */
  readonly basePath: string
  /** Takes tokens of these secrets from now on, instead of the ones before. */
  useSecrets(secrets: readonly string[]): void
}

const openPaths: ReadonlySet<string> = new Set(['/healthz', '/readyz'])

/** Throws `insecure_host`, `weak_token_secret`, `browser_id_missing`, `invalid_browser_id` or `invalid_base_path`. */
export function createAccess(options: ServeOptions, { host, clock }: { host: string; clock: Clock }): Access {
  const { browserId } = options
  const secrets = options.tokenSecrets ?? []
  const hasTokens = secrets.length > 0
  if (!hasTokens && !isLoopback(host)) throw new TelemetryError('insecure_host', { host })
  // It becomes part of paths and of tokens, so it may hold nothing that a path or a log line could take otherwise.
  if (browserId !== undefined && !/^[A-Za-z0-9][A-Za-z0-9_-]{0,127}$/.test(browserId)) throw new TelemetryError('invalid_browser_id', {})
  const basePath = options.basePath ?? (browserId === undefined ? '' : `/browser/${browserId}`)
  if (basePath !== '' && !/^(\/[A-Za-z0-9_~-][A-Za-z0-9._~-]*)+$/.test(basePath)) throw new TelemetryError('invalid_base_path', {})
  const policy = {
    allowedHosts: options.allowedHosts ?? [],
    corsOrigins: options.corsOrigins ?? [],
    // A rebound name gets no further than the token, and what names a machine has elsewhere is not known here.
    anyHost: hasTokens && !isLoopback(host),
  }
  let current = hasTokens ? verifierOf(secrets, browserId, clock) : undefined
  const verifier: TokenVerifier | undefined =
    current === undefined ? undefined : { fault: (token) => current?.fault(token) ?? Promise.resolve('invalid') }
  return {
    policy,
    basePath,
    useSecrets: (changed) => {
      current = verifierOf(changed, browserId, clock)
    },
    entrance: createEntrance({ basePath: basePath === '' ? undefined : basePath, browserId, verifier, openPaths }),
  }
}

function verifierOf(secrets: readonly string[], browserId: string | undefined, clock: Clock): ReturnType<typeof createTokenVerifier> {
  if (browserId === undefined) throw new TelemetryError('browser_id_missing', {})
  return createTokenVerifier(tokenKeys(secrets), { browserId, clock })
}

/** A token for the browser of a server with these options. Throws `weak_token_secret` and `browser_id_missing`. */
export function issueToken(
  options: Pick<ServeOptions, 'tokenSecrets'> & { readonly browserId?: string | undefined; readonly lifetimeMs?: number | undefined },
): Promise<string> {
  const { browserId, lifetimeMs } = options
  const keys = tokenKeys(options.tokenSecrets ?? [])
  if (browserId === undefined) throw new TelemetryError('browser_id_missing', {})
  return createTokenIssuer(keys, systemClock).issue(browserId, lifetimeMs === undefined ? {} : { lifetimeMs })
}

const loopbackNames: ReadonlySet<string> = new Set(['localhost', '::1'])

function isLoopback(host: string): boolean {
  return loopbackNames.has(host) || /^127(\.\d{1,3}){3}$/.test(host)
}
