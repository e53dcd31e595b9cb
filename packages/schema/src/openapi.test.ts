import { describe, expect, test } from 'vitest'
import { bodyErrors, commonErrors } from './api/route.ts'
import { api, routeNamed, servedRoutes } from './api.ts'
import { errorTable } from './errors.ts'
import type { JsonSchema } from './json-schema.ts'
import { openApiDocument } from './openapi.ts'

interface Document {
  readonly openapi: string
  readonly paths: Record<
    string,
    Record<string, { operationId: string; parameters?: { name: string; in: string; required: boolean }[]; responses: JsonSchema }>
  >
  readonly components: { readonly schemas: JsonSchema }
}

const document = openApiDocument() as unknown as Document
const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({ path, method, ...operation })),
)

function referencesIn(value: unknown): readonly string[] {
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, inner]) => (key === '$ref' ? [String(inner)] : referencesIn(inner)))
}

test('the document has exactly the routes that are served, and planned ones on request', () => {
  const named = operations.map((operation) => `${operation.method.toUpperCase()} ${operation.path}`)
  expect(named.sort()).toEqual(servedRoutes.map((route) => `${route.method} ${route.path}`).sort())
  expect(Object.keys((openApiDocument({ withPlanned: true }) as unknown as Document).paths)).toContain('/curl')
})

test('every reference leads to a component', () => {
  const missing = referencesIn(document).filter(
    (reference) => !Object.hasOwn(document.components.schemas, reference.replace('#/components/schemas/', '')),
  )
  expect(missing).toEqual([])
})

test('no object refuses further keys', () => {
  expect(JSON.stringify(document)).not.toContain('"additionalProperties":false')
})

test('operation ids are unique, and a route is found by its own', () => {
  const ids = api.map((route) => route.operationId)
  expect(new Set(ids).size).toBe(ids.length)
  expect(routeNamed('PutTelemetry')?.path).toBe('/telemetry')
  expect(routeNamed('Nothing')).toBeUndefined()
})

test('a route is declared once', () => {
  const places = api.map((route) => `${route.method} ${route.path}`)
  expect(new Set(places).size).toBe(places.length)
})

describe.each(api)('$operationId', (route) => {
  test('says every error with its status, and an error never hides an answer', () => {
    const document = openApiDocument({ withPlanned: true }) as unknown as Document
    const responses = document.paths[route.path]?.[route.method.toLowerCase()]?.responses ?? {}
    const statuses = [...(route.errors ?? []), ...commonErrors].map((code) => errorTable[code].httpStatus)
    expect(Object.keys(responses).map(Number)).toEqual(
      [...new Set([...Object.keys(route.answers).map(Number), ...statuses])].sort((one, other) => one - other),
    )
  })

  test('names the errors of reading a body exactly when it has one', () => {
    const named = bodyErrors.filter((code) => (route.errors ?? []).includes(code))
    const ofBytes = bodyErrors.filter((code) => code !== 'invalid_json')
    expect(named).toEqual(route.body === undefined ? [] : route.body.contentType === undefined ? bodyErrors : ofBytes)
  })

  test('requires its path parameters, and only those', () => {
    const inPath = [...route.path.matchAll(/\{([^}]+)\}/g)].map(([, name]) => name)
    const declared = (route.parameters ?? []).filter((parameter) => parameter.in === 'path').map((parameter) => parameter.name)
    expect(declared).toEqual(inPath)
  })
})

test('reads leave no event, and what changes something does', () => {
  const wrong = api.filter((route) => route.tag !== 'browser' && (route.method === 'GET') !== (route.recordedAs === 'none'))
  expect(wrong.map((route) => route.operationId)).toEqual([])
})
