import { inspect } from 'node:util'
import { expect, test } from 'vitest'
import { readS2Variables, s2Destination } from './s2-settings.ts'

const whole = { S2_ACCESS_TOKEN: 'top-secret', S2_BASIN: 'my-basin' }

test('without token and basin there is no sink, and nobody meant one', () => {
  expect(readS2Variables({ S2_STREAM: 'x', S2_BASIN: ' ' })).toEqual({
    at: 'off',
    isMeant: false,
    reason: 'S2_ACCESS_TOKEN and S2_BASIN are not set',
  })
})

test('half a configuration is no sink, and says what is missing', () => {
  expect(readS2Variables({ S2_BASIN: 'my-basin' })).toMatchObject({
    at: 'off',
    isMeant: true,
    reason: expect.stringContaining('S2_ACCESS_TOKEN'),
  })
  expect(readS2Variables({ S2_ACCESS_TOKEN: 'top-secret' })).toMatchObject({
    isMeant: true,
    reason: expect.stringContaining('S2_BASIN'),
  })
})

test.each(['My-Basin', 'short', '-mybasin', 'a'.repeat(49)])('a basin %j is named in the reason', (basin) => {
  const choice = readS2Variables({ ...whole, S2_BASIN: basin })
  expect(choice).toMatchObject({ at: 'off', isMeant: true, reason: expect.stringContaining(JSON.stringify(basin)) })
})

test('the stream is the one that is named, else left to who uses it', () => {
  const read = (variables: Record<string, string>): unknown => {
    const choice = readS2Variables({ ...whole, ...variables })
    return choice.at === 'on' ? s2Destination({ stream: 'own', ...choice.access }) : choice
  }
  expect([read({}), read({ S2_STREAM: 'theirs' })]).toEqual(['s2://my-basin/own', 's2://my-basin/theirs'])
})

test('settings do not show the token, however they are shown', () => {
  const choice = readS2Variables({ ...whole, S2_ACCOUNT_ENDPOINT: 'http://127.0.0.1:1', S2_BASIN_ENDPOINT: 'http://127.0.0.1:1' })
  expect(`${JSON.stringify(choice)} ${inspect(choice, { depth: 9, showHidden: true })}`).not.toContain('top-secret')
  expect(choice.at === 'on' && choice.access.accessToken()).toBe('top-secret')
})
