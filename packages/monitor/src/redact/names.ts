// Which names carry secrets. A name is judged by its words, so that `access_token`, `accessToken` and `X-Access-Token` are the same;
// without regard to case, once, and remembered.

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
const secretHeaderWords: ReadonlySet<string> = new Set(['token', 'secret', 'password', 'session', 'authorization', 'credential', 'jwt'])

/** Words that make the name of any parameter or field secret, wherever they stand in it. */
const secretWords: ReadonlySet<string> = new Set(['password', 'passwd', 'passphrase', 'passcode', 'pwd', 'secret'])

/** Words that do when they are the last one: `csrf_token` is a secret, `token_type` is none. */
const secretLastWords: ReadonlySet<string> = new Set([
  'authorization',
  'token',
  'jwt',
  'sig',
  'signature',
  'credential',
  'credentials',
  'otp',
  'cvv',
  'cvc',
  'ssn',
])

/** Whole names without their separators. */
const secretNamesJoined: ReadonlySet<string> = new Set([
  'awsaccesskeyid',
  'xamzcredential',
  'samlrequest',
  'samlresponse',
  'clientassertion',
  'codeverifier',
  'cardnumber',
  'jsessionid',
  'phpsessid',
])

/** `api_key`, `x-goog-api-key`, `privateKey`; a key alone is none of these. */
const secretKey = /(?:api|private|secret|access|auth|encryption|signing)key$/

/** Secret in queries, fragments and forms; in bodies of APIs they are too common, and needed to understand their errors. */
const secretInParametersOnly: ReadonlySet<string> = new Set(['code', 'state', 'key', 'session', 'session_id', 'sessionid'])

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
  /** A key of a JSON body, an element, a property. */
  isBodyKey(name: string): boolean
  /** Whether any name in the text could be secret; false is certain. */
  occurIn(text: string): boolean
}

// A page chooses its names; this many are remembered before the memory starts anew.
const rememberedNames = 2_048
const longestRememberedName = 128

export function secretNames(more: MoreNames = { headers: [], parameters: [] }): SecretNames {
  const headers = new Set([...secretHeaders, ...more.headers.map(lower)])
  const parameters = new Set(more.parameters.map(lower))
  const occurring = new RegExp([stems, ...parameters].map((part) => (part === stems ? part : escapeRegExp(part))).join('|'), 'i')
  const isBodyKey = remembered((name) => parameters.has(lower(name).trim()) || soundsSecret(name))
  return {
    isHeader: remembered(
      (name) => headers.has(lower(name)) || wordsOf(name).some((word) => secretHeaderWords.has(word)) || soundsSecret(name),
    ),
    isParameter: (name) => isBodyKey(name) || secretInParametersOnly.has(lower(name).trim()),
    isBodyKey,
    occurIn: (text) => occurring.test(text),
  }
}

// Something of every rule above, so that a text without any of it need not be searched for names. The test compares it with the rules.
const stems = 'pass|pwd|secret|token|jwt|sig|credential|otp|cvv|cvc|ssn|key|authorization|saml|assertion|code|card|sess|state'

function soundsSecret(name: string): boolean {
  // With and without its capitals as beginnings of words: `passWord` is one.
  return areSecret(wordsOf(name.replace(/([a-z0-9])([A-Z])/g, '$1 $2'))) || areSecret(wordsOf(name))
}

function areSecret(words: readonly string[]): boolean {
  if (words.some((word) => secretWords.has(word)) || secretLastWords.has(words.at(-1) ?? '')) return true
  const joined = words.join('')
  return secretNamesJoined.has(joined) || secretKey.test(joined)
}

const escapeRegExp = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')

const lower = (name: string): string => name.toLowerCase()

/** The words of a name: `client_secret`, `Client-Secret` and, with a blank at its capital, `clientSecret` have the same two. */
function wordsOf(name: string): string[] {
  return lower(name)
    .split(/[^a-z0-9]+/)
    .filter((word) => word !== '')
}

function remembered(judge: (name: string) => boolean): (name: string) => boolean {
  const judged = new Map<string, boolean>()
  return (name) => {
    const known = judged.get(name)
    if (known !== undefined) return known
    const verdict = judge(name)
    if (judged.size >= rememberedNames) judged.clear()
    if (name.length <= longestRememberedName) judged.set(name, verdict)
    return verdict
  }
}
