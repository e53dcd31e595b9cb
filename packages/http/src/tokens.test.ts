import { createManualClock, limits } from '@tabscope/schema'
import { SignJWT, UnsecuredJWT } from 'jose'
import { expect, test } from 'vitest'
import { createTokenIssuer, createTokenVerifier, parseTokenSecrets, secretOfBrowser, tokenKeys } from './tokens.ts'

const secret = 'a secret of more than thirty-two bytes'
const newer = 'another secret of more than thirty-two bytes'
const clock = createManualClock()

function verifierOf(...secrets: string[]) {
  return createTokenVerifier(tokenKeys(secrets), { browserId: 'b-1', clock })
}

function issued(secrets: string[], browserId = 'b-1', lifetimeMs?: number): Promise<string> {
  return createTokenIssuer(tokenKeys(secrets), clock).issue(browserId, lifetimeMs === undefined ? {} : { lifetimeMs })
}

test('a token is good for its browser alone', async () => {
  const mine = await verifierOf(secret).fault(await issued([secret]))
  const others = await verifierOf(secret).fault(await issued([secret], 'b-2'))
  expect([mine, others]).toEqual([undefined, 'other_browser'])
})

test('a token has no end unless it was made with one', async () => {
  const startedAt = createManualClock()
  const keys = tokenKeys([secret])
  const issuer = createTokenIssuer(keys, startedAt)
  const tokens = [await issuer.issue('b-1'), await issuer.issue('b-1', { lifetimeMs: 60_000 })]
  const verifier = createTokenVerifier(keys, { browserId: 'b-1', clock: startedAt })
  const before = await Promise.all(tokens.map((token) => verifier.fault(token)))
  startedAt.advance(365 * 86_400_000)
  const after = await Promise.all(tokens.map((token) => verifier.fault(token)))
  expect({ before, after }).toEqual({ before: [undefined, undefined], after: [undefined, 'expired'] })
})

test('while a signing key is exchanged, tokens of the old and of the new one are good; afterwards only the new', async () => {
  const [old, fresh] = [await issued([secret]), await issued([newer, secret])]
  const faults = await Promise.all(
    [verifierOf(secret), verifierOf(newer, secret), verifierOf(newer)].map(async (verifier) => [
      await verifier.fault(old),
      await verifier.fault(fresh),
    ]),
  )
  expect(faults).toEqual([
    [undefined, 'invalid'],
    [undefined, undefined],
    ['invalid', undefined],
  ])
})

test('a token that names no key is tried with all', async () => {
  const foreign = await new SignJWT({}).setProtectedHeader({ alg: 'HS256' }).setAudience('b-1').sign(Buffer.from(secret))
  expect(await verifierOf(newer, secret).fault(foreign)).toBeUndefined()
})

test('what is no token, or signed otherwise, is not good', async () => {
  const verifier = verifierOf(secret)
  const good = await issued([secret])
  const [head = '', body = '', signature = ''] = good.split('.')
  const otherAlgorithm = await new SignJWT({})
    .setProtectedHeader({ alg: 'HS512' })
    .setAudience('b-1')
    .sign(Buffer.from(secret.repeat(2)))
  const noAudience = await new SignJWT({}).setProtectedHeader({ alg: 'HS256' }).sign(Buffer.from(secret))
  const bad: Readonly<Record<string, string>> = {
    text: 'secret',
    dots: '..',
    unsigned: new UnsecuredJWT({}).setAudience('b-1').encode(),
    'without its signature': `${head}.${body}.`,
    'with another body': `${head}.${Buffer.from('{"aud":"b-1","admin":true}').toString('base64url')}.${signature}`,
    'another algorithm': otherAlgorithm,
    'too long': good + 'x'.repeat(limits.tokenBytes),
    'a key that nobody has': await issued([newer]),
  }
  const faults = await Promise.all(Object.values(bad).map((token) => verifier.fault(token)))
  expect(faults).toEqual(faults.map(() => 'invalid'))
  expect([await verifier.fault(undefined), await verifier.fault(''), await verifier.fault(noAudience)]).toEqual([
    'missing',
    'missing',
    'other_browser',
  ])
})

test('a short secret is refused, and no secret at all', () => {
  for (const secrets of [[], ['short'], [secret, 'x'.repeat(31)]]) expect(() => tokenKeys(secrets)).toThrow('at least 32 bytes')
})

test('secrets come one a line', () => {
  expect(parseTokenSecrets(`  ${newer}\r\n\n${secret}\n`)).toEqual([newer, secret])
})

test('the secret of one browser makes no token for another', async () => {
  const mine = secretOfBrowser(secret, 'b-1')
  const ofOthers = createTokenVerifier(tokenKeys([secretOfBrowser(secret, 'b-2')]), { browserId: 'b-2', clock })
  expect([await verifierOf(mine).fault(await issued([mine])), await ofOthers.fault(await issued([mine], 'b-2'))]).toEqual([
    undefined,
    'invalid',
  ])
})
