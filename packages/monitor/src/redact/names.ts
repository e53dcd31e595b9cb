// Which names carry secrets. Names are compared without regard to case; a name is judged once and remembered.

/** What replaces a secret. */
export const redactedMark = '[redacted]'

/** Header names whose values are always secret. */
const secretHeaders: ReadonlySet<string> = new Set([
  'authorization',
  'proxy-authorization',
  'cookie',
  'set-cookie',
  'x-api-key',
  'x-auth-token',
])

/** Words that make any header name secret, such as `x-csrf-token` or `Session-Id`. */
const secretWords: ReadonlySet<string> = new Set(['token', 'secret', 'password', 'session'])

/** Names of parameters and fields whose values are secret. */
const secretParameters: readonly string[] = [
  'access_token',
  'id_token',
  'refresh_token',
  'code',
  'state',
  'key',
  'api_key',
  'token',
  'password',
  'secret',
  'sig',
  'signature',
  'x-amz-signature',
  'x-amz-credential',
  'x-amz-security-token',
  'x-goog-signature',
  'awsaccesskeyid',
]

/** Too common in answers of APIs, and needed to understand their errors. */
const plainInBodies: ReadonlySet<string> = new Set(['code', 'state', 'key'])

/** More names, from the configuration. */
export interface MoreNames {
  readonly headers: readonly string[]
  readonly parameters: readonly string[]
}

/** The rules as questions about names. */
export interface SecretNames {
  isHeader(name: string): boolean
  /** A parameter of a query, a fragment or a form. */
  isParameter(name: string): boolean
  /** A key of a JSON body. */
  isBodyKey(name: string): boolean
  /** The parameters' names, in lower case. */
  readonly parameters: ReadonlySet<string>
  readonly bodyKeys: ReadonlySet<string>
}

// A page chooses its names; this many are remembered before the memory starts anew.
const rememberedNames = 2_048

export function secretNames(more: MoreNames = { headers: [], parameters: [] }): SecretNames {
  const headers = new Set([...secretHeaders, ...more.headers.map(lower)])
  const parameters = new Set([...secretParameters, ...more.parameters.map(lower)])
  const bodyKeys = new Set([...parameters].filter((name) => !plainInBodies.has(name) || more.parameters.map(lower).includes(name)))
  const judged = new Map<string, boolean>()
  const isHeader = (name: string): boolean => {
    const known = judged.get(name)
    if (known !== undefined) return known
    if (judged.size >= rememberedNames) judged.clear()
    const verdict = headers.has(lower(name)) || wordsOf(name).some((word) => secretWords.has(word))
    judged.set(name, verdict)
    return verdict
  }
  return {
    isHeader,
    isParameter: (name) => parameters.has(lower(name)),
    isBodyKey: (name) => bodyKeys.has(lower(name)),
    parameters,
    bodyKeys,
  }
}

const lower = (name: string): string => name.toLowerCase()

function wordsOf(name: string): string[] {
  return lower(name).split(/[^a-z0-9]+/)
}
