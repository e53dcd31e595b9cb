// Tokens of browsers: JWTs signed with HS256 whose audience is one browser. A token lives as long as its browser unless it was made with
// an end: the published clients never refresh one. Several secrets at a time let a signing key be exchanged: the first one signs, all of
// them are accepted. Comparing is WebCrypto's, in constant time. No token and no secret is ever in an error's text.
import { createHmac } from 'node:crypto'
import { type Clock, limits, TelemetryError } from '@tabscope/schema'
import { decodeProtectedHeader, errors, jwtVerify, SignJWT } from 'jose'

/** A secret and its name in the header of the tokens that it signs. */
export interface TokenKey {
  /** The `kid` of its tokens: taken from the secret, so that issuer and verifier need to share nothing but the secrets. */
  readonly id: string
  readonly secret: Uint8Array
}

/** Why a token is not good. `missing` and `invalid` are 401, `other_browser` is 403. */
export type TokenFault = 'missing' | 'invalid' | 'expired' | 'other_browser'

export interface IssueOptions {
  /** Absent = the token lives as long as its browser. */
  readonly lifetimeMs?: number
}

export interface TokenIssuer {
  /** A token for that browser, signed with the first key. */
  issue(browserId: string, options?: IssueOptions): Promise<string>
}

export interface TokenVerifier {
  /** What is wrong with the token, or undefined when it is good. Never rejects. */
  fault(token: string | undefined): Promise<TokenFault | undefined>
}

const algorithm = 'HS256'

/** The keys of these secrets, the signing one first. Throws `weak_token_secret` for one that is too short, or when there is none. */
export function tokenKeys(secrets: readonly string[]): readonly TokenKey[] {
  const keys = secrets.map((text) => {
    const secret = Buffer.from(text, 'utf8')
    if (secret.length < limits.tokenSecretBytes) throw new TelemetryError('weak_token_secret', { leastBytes: limits.tokenSecretBytes })
    return { id: keyId(secret), secret }
  })
  if (keys.length === 0) throw new TelemetryError('weak_token_secret', { leastBytes: limits.tokenSecretBytes })
  return keys
}

function keyId(secret: Uint8Array): string {
  return createHmac('sha256', secret).update('tabscope key id').digest('base64url').slice(0, 11)
}

/** The secrets in a text of one secret a line, as in a file or an environment variable. */
export function parseTokenSecrets(text: string): readonly string[] {
  return text
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== '')
}

/** A secret for one browser alone, made from a secret of many: who gets hold of it can make no token for another browser. */
export function secretOfBrowser(secret: string, browserId: string): string {
  return createHmac('sha256', Buffer.from(secret, 'utf8')).update(`tabscope browser ${browserId}`).digest('base64url')
}

/** Issues tokens with the first of `keys`. */
export function createTokenIssuer(keys: readonly TokenKey[], clock: Clock): TokenIssuer {
  const [key] = keys
  if (key === undefined) throw new TelemetryError('weak_token_secret', { leastBytes: limits.tokenSecretBytes })
  return {
    issue: async (browserId, { lifetimeMs } = {}) => {
      const nowSeconds = Math.floor(clock.wallUs() / 1_000_000)
      const token = new SignJWT({}).setProtectedHeader({ alg: algorithm, kid: key.id }).setAudience(browserId).setIssuedAt(nowSeconds)
      if (lifetimeMs !== undefined) token.setExpirationTime(nowSeconds + Math.ceil(lifetimeMs / 1000))
      return token.sign(key.secret)
    },
  }
}

/** Verifies tokens for `browserId` with any of `keys`. A token that names no key may be signed with any of them. */
export function createTokenVerifier(keys: readonly TokenKey[], options: { browserId: string; clock: Clock }): TokenVerifier {
  return {
    fault: async (token) => {
      if (token === undefined || token === '') return 'missing'
      if (token.length > limits.tokenBytes) return 'invalid'
      const fitting = fittingKeys(keys, token)
      for (const key of fitting) {
        const outcome = await outcomeWith(token, key, options)
        // Not signed with this key: perhaps with the next one. Every other outcome stands.
        if (outcome !== 'invalid') return outcome === 'good' ? undefined : outcome
      }
      return 'invalid'
    },
  }
}

function fittingKeys(keys: readonly TokenKey[], token: string): readonly TokenKey[] {
  try {
    const { kid } = decodeProtectedHeader(token)
    return kid === undefined ? keys : keys.filter((key) => key.id === kid)
  } catch {
    // Not a token at all, which the caller is told as `invalid`.
    return []
  }
}

async function outcomeWith(
  token: string,
  key: TokenKey,
  { browserId, clock }: { browserId: string; clock: Clock },
): Promise<'good' | Exclude<TokenFault, 'missing'>> {
  try {
    const currentDate = new Date(clock.wallUs() / 1000)
    await jwtVerify(token, key.secret, { algorithms: [algorithm], audience: browserId, currentDate })
    return 'good'
  } catch (error) {
    // Every way in which a token is bad is an answer, not an error; jose tells them apart by class.
    if (error instanceof errors.JWTExpired) return 'expired'
    if (error instanceof errors.JWTClaimValidationFailed && error.claim === 'aud') return 'other_browser'
    return 'invalid'
  }
}
