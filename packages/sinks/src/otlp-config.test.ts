import { TelemetryError } from '@tabscope/schema'
import { expect, test } from 'vitest'
import { otlpConfigFrom } from './otlp-config.ts'

const base = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:4318' }

test('without an endpoint there is no export', () => {
  expect([otlpConfigFrom({}), otlpConfigFrom({ OTEL_EXPORTER_OTLP_ENDPOINT: ' ' })]).toEqual([undefined, undefined])
})

test('the defaults are those of the specification', () => {
  expect(otlpConfigFrom(base)).toEqual({
    url: new URL('http://127.0.0.1:4318/v1/logs'),
    headers: {},
    compression: 'none',
    timeoutMs: 10_000,
    resource: { 'service.name': 'tabscope' },
  })
})

test('the variables of the signal win over the shared ones', () => {
  const config = otlpConfigFrom({
    ...base,
    OTEL_EXPORTER_OTLP_HEADERS: 'a=shared',
    OTEL_EXPORTER_OTLP_TIMEOUT: '1',
    OTEL_EXPORTER_OTLP_LOGS_ENDPOINT: 'https://logs.example.com/own/path?tenant=7',
    OTEL_EXPORTER_OTLP_LOGS_HEADERS: 'X-Api-Key=k%3D1%2C2, other = two words',
    OTEL_EXPORTER_OTLP_LOGS_TIMEOUT: '2500',
    OTEL_EXPORTER_OTLP_LOGS_COMPRESSION: 'gzip',
    OTEL_EXPORTER_OTLP_LOGS_PROTOCOL: 'http/protobuf',
    OTEL_RESOURCE_ATTRIBUTES: 'service.name=from-attributes,deployment.environment.name=a%20b',
    OTEL_SERVICE_NAME: 'mine',
  })
  expect(config).toEqual({
    url: new URL('https://logs.example.com/own/path?tenant=7'),
    headers: { 'x-api-key': 'k=1,2', other: 'two words' },
    compression: 'gzip',
    timeoutMs: 2500,
    resource: { 'service.name': 'mine', 'deployment.environment.name': 'a b' },
  })
})

test.each([
  ['http://host:4318/', 'http://host:4318/v1/logs'],
  ['http://host:4318/prefix/', 'http://host:4318/prefix/v1/logs'],
])('the shared endpoint %s is a base: %s', (endpoint, url) => {
  expect(otlpConfigFrom({ OTEL_EXPORTER_OTLP_ENDPOINT: endpoint })?.url.href).toBe(url)
})

test('user and password of the endpoint become a header and leave the URL', () => {
  const config = otlpConfigFrom({ OTEL_EXPORTER_OTLP_ENDPOINT: 'https://me:p%40ss@host/' })
  expect([config?.url.href, config?.headers]).toEqual([
    'https://host/v1/logs',
    { authorization: `Basic ${Buffer.from('me:p@ss').toString('base64')}` },
  ])
})

const secret = 's3cr3t'

test.each([
  ['OTEL_EXPORTER_OTLP_ENDPOINT', `${secret} not a url`, 'is not an http:// or https:// URL'],
  ['OTEL_EXPORTER_OTLP_ENDPOINT', `ftp://x:${secret}@host`, 'is not an http:// or https:// URL'],
  ['OTEL_EXPORTER_OTLP_HEADERS', secret, 'is not a list of name=value pairs, percent-encoded where needed'],
  ['OTEL_EXPORTER_OTLP_HEADERS', `a=${secret}%0d%0ab: c`, 'is not a list of name=value pairs, percent-encoded where needed'],
  ['OTEL_EXPORTER_OTLP_HEADERS', `a=${secret}%`, 'is not a list of name=value pairs, percent-encoded where needed'],
  ['OTEL_EXPORTER_OTLP_HEADERS', `a=${secret}ĝ`, 'is not a list of name=value pairs, percent-encoded where needed'],
  ['OTEL_EXPORTER_OTLP_LOGS_HEADERS', `a b=${secret}`, 'is not a list of name=value pairs, percent-encoded where needed'],
  ['OTEL_EXPORTER_OTLP_TIMEOUT', '-1', 'is not a number of milliseconds from 1 to 600000'],
  ['OTEL_EXPORTER_OTLP_PROTOCOL', 'grpc', 'asks for "grpc"; http/protobuf is what is spoken'],
  ['OTEL_EXPORTER_OTLP_COMPRESSION', 'br', 'asks for "br"; gzip and none are known'],
  ['OTEL_RESOURCE_ATTRIBUTES', 'nothing', 'is not a list of name=value pairs'],
])('%s=%s is refused by name, without showing what may be a secret', (variable, value, problem) => {
  const environment = { ...base, [variable]: value }
  expect(() => otlpConfigFrom(environment)).toThrow(new TelemetryError('otlp_bad_config', { variable, problem }))
  expect(problem).not.toContain(secret)
})
