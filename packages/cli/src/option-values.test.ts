import { expect, test } from 'vitest'
import {
  parseBrowser,
  parseLabel,
  parseList,
  parseOpen,
  parsePort,
  parseSeq,
  parseStreamAddress,
  parseTelemetry,
  parseYes,
} from './option-values.ts'

test('a port is a whole number up to 65535', () => {
  expect(['0', '10001', '65535'].map(parsePort)).toEqual([0, 10001, 65535])
  for (const wrong of ['', '-1', '65536', '1e3', '80 ', 'http']) expect(() => parsePort(wrong)).toThrow('Give a number from 0')
})

test('the browser is launched, absent, or somewhere', () => {
  expect(['launch', 'none', 'http://127.0.0.1:9222', 'ws://127.0.0.1:9222/devtools/browser/x'].map(parseBrowser)).toEqual([
    { at: 'launch' },
    { at: 'none' },
    { at: 'connect', endpoint: 'http://127.0.0.1:9222' },
    { at: 'connect', endpoint: 'ws://127.0.0.1:9222/devtools/browser/x' },
  ])
  for (const wrong of ['', 'chrome', '127.0.0.1:9222', 'file:///etc/passwd'])
    expect(() => parseBrowser(wrong)).toThrow('Give `launch`, `none`')
})

test('telemetry is all, off, or known categories, old names included', () => {
  expect(['all', 'off', 'console,network', ' page , api '].map(parseTelemetry)).toEqual([
    'all',
    'off',
    ['console', 'network'],
    ['page', 'control'],
  ])
  expect(() => parseTelemetry('console,konsole')).toThrow('There is no category "konsole"')
  expect(() => parseTelemetry('monitor')).toThrow('There is no category "monitor"')
})

test('labels, lists and pages add up', () => {
  expect(parseLabel('ip=1.2.3.4,zone=a=b', { keep: 'me' })).toEqual({ keep: 'me', ip: '1.2.3.4', zone: 'a=b' })
  expect(() => parseLabel('novalue')).toThrow('"novalue" is not name=value.')
  expect(parseList('a, b,,c', ['z'])).toEqual(['z', 'a', 'b', 'c'])
  expect(parseOpen('https://a.example/ data:text/html,hi', ['https://b.example/'])).toEqual([
    'https://b.example/',
    'https://a.example/',
    'data:text/html,hi',
  ])
  expect(() => parseOpen('example.com')).toThrow('"example.com" is not a URL.')
})

test('an event number is 1 or more', () => {
  expect(parseSeq('41')).toBe(41)
  for (const wrong of ['0', '-1', '1.5', 'now', '99999999999999999']) expect(() => parseSeq(wrong)).toThrow('Give the number of an event')
})

test.each([
  ['127.0.0.1:10001', 'http://127.0.0.1:10001/telemetry/stream'],
  ['http://127.0.0.1:10001/', 'http://127.0.0.1:10001/telemetry/stream'],
  ['https://host/browser/abc?jwt=x', 'https://host/browser/abc/telemetry/stream?jwt=x'],
  ['http://host/telemetry/stream', 'http://host/telemetry/stream'],
  ['localhost', 'http://localhost/telemetry/stream'],
])('the stream of %s is at %s', (given, stream) => {
  expect(parseStreamAddress(given).href).toBe(stream)
})

test('an address that is none is refused', () => {
  expect(() => parseStreamAddress('http://')).toThrow('Give the address of a server')
  expect(() => parseStreamAddress('ftp://host')).toThrow('ftp:// is not spoken here.')
})

test('yes and no have many words, and anything else is not guessed', () => {
  expect(['1', 'true', 'YES', '0', 'false', 'off', ''].map(parseYes)).toEqual([true, true, true, false, false, false, false])
  expect(() => parseYes('maybe')).toThrow('Give yes or no.')
})
