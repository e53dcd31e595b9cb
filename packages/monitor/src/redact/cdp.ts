// Redacts what only CDP's own objects have (`data.cdp`, at detail level `raw`): whole header blocks, cookies as objects, bytes in base64.
import type { Sensitivity } from '@tabscope/schema'
import { redactBody } from './body.ts'
import { redactHeaders } from './headers.ts'
import { redactedMark, type SecretNames } from './names.ts'
import type { Found } from './url.ts'

/** What a field of a CDP object is: headers under names that end so, addresses under names that end in `url`, text elsewhere. */
export function kindInCdp(key: string): Sensitivity {
  if (/headers$/i.test(key)) return 'headers'
  if (/(?:url|origin)$/i.test(key)) return 'url'
  return /^(?:postData|body|payloadData|data)$/.test(key) ? 'body' : 'cdp'
}

/** A text of a CDP object under this key, without secrets that only its key tells how to read; others are searched by their kind. */
export function redactCdpText(key: string, text: string, names: SecretNames, found: Found): string {
  if (/headersText$/i.test(key)) return redactHeaderBlock(text, names, found)
  if (key === 'cookieLine') return redactHeaders({ 'set-cookie': text }, names, found)['set-cookie'] as string
  if (/^(?:bytes|payloadData|data|body)$/.test(key)) return redactBase64(text, names, found)
  return text
}

/** Whether an object is a cookie, of which the value is a secret whatever its name. */
export function isCookie(object: Readonly<Record<string, unknown>>): boolean {
  return typeof object['name'] === 'string' && 'value' in object && 'domain' in object && 'path' in object
}

function redactHeaderBlock(block: string, names: SecretNames, found: Found): string {
  return block
    .split(/(\r?\n)/)
    .map((line) => {
      const colon = line.indexOf(':', 1)
      if (colon === -1) return line
      const name = line.slice(0, colon)
      const value = line.slice(colon + 1)
      const safe = redactHeaders({ [name]: value }, names, found)[name]
      return safe === value ? line : `${name}: ${String(safe).trim()}`
    })
    .join('')
}

const base64 = /^[A-Za-z0-9+/]{8,}={0,2}$/

// Bytes cannot be replaced in part: whoever wants them whole has to switch redaction off.
function redactBase64(text: string, names: SecretNames, found: Found): string {
  if (!base64.test(text)) return text
  const plain = Buffer.from(text, 'base64').toString('latin1')
  return redactBody(plain, names, found) === plain ? text : redactedMark
}
