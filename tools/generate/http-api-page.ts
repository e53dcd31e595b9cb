// docs/reference/http-api.md and control-api.md: every route of the server of one browser, and of the control plane.
import {
  api,
  commonErrors,
  controlOpenApiDocument,
  controlRoutes,
  errorTable,
  type JsonSchema,
  openApiDocument,
  type RouteDeclaration,
} from '../../packages/schema/src/index.ts'
import { code, page, table } from './markdown.ts'
import { typeText } from './type-text.ts'

interface Operation {
  readonly parameters?: readonly { readonly name: string; readonly in: string; readonly description: string; readonly schema: JsonSchema }[]
  readonly requestBody?: { readonly required: boolean; readonly content: { readonly 'application/json'?: { readonly schema: JsonSchema } } }
  readonly responses: { readonly [status: string]: { readonly content?: { readonly [type: string]: { readonly schema: JsonSchema } } } }
}

type Paths = { [path: string]: { [method: string]: Operation } }

const paths = openApiDocument({ withPlanned: true })['paths'] as Paths
const controlPaths = controlOpenApiDocument()['paths'] as Paths

/** The page. */
export function httpApiPage(): string {
  const planned = api.filter((route) => route.isPlanned === true)
  return page('HTTP interface', [
    'The server of one browser (`tabscope serve`). The same as [openapi.json](openapi.json), which a server shows at `GET /openapi.json`.',
    `Every route can also answer with ${commonErrors.map(code).join(', ')}; see [errors.md](errors.md).`,
    ...api.filter((route) => route.isPlanned !== true).flatMap((route) => routeSection(route, paths)),
    '## Planned',
    'In the design, in no server yet:',
    table(
      ['Route', 'Does'],
      planned.map((route) => [code(`${route.method} ${route.path}`), route.summary]),
    ),
  ])
}

/** The page of the control plane. */
export function controlApiPage(): string {
  return page('HTTP interface of many browsers', [
    'The control plane (`tabscope control`), as the published Kernel browser API has it. The same as [control-openapi.json](control-openapi.json), which it shows at `GET /openapi.json`.',
    `Every route but the first two of health needs \`Authorization: Bearer <API key>\`. Every route can also answer with ${commonErrors.map(code).join(', ')}; see [errors.md](errors.md).`,
    ...controlRoutes.flatMap((route) => routeSection(route, controlPaths)),
  ])
}

function routeSection(route: RouteDeclaration, paths: Paths): readonly string[] {
  const operation = paths[route.path]?.[route.method.toLowerCase()]
  if (operation === undefined) return []
  const parameters = operation.parameters ?? []
  return [
    `## ${route.method} ${route.path}`,
    `${route.summary} ${recordText(route)}`,
    ...(parameters.length > 0
      ? [
          table(
            ['Parameter', 'In', 'Type', 'Meaning'],
            parameters.map((one) => [code(one.name), one.in, typeText(one.schema), one.description]),
          ),
        ]
      : []),
    ...(operation.requestBody === undefined ? [] : [bodyText(operation.requestBody)]),
    table(['Status', 'Body', 'Meaning'], [...answerRows(route, operation), ...errorRows(route)]),
  ]
}

function recordText(route: RouteDeclaration): string {
  const named = `Operation ${code(route.operationId)}`
  return route.recordedAs === 'none' ? `${named}; leaves no event.` : `${named}; leaves a ${code(route.recordedAs)} event.`
}

function bodyText(body: NonNullable<Operation['requestBody']>): string {
  const json = body.content['application/json']
  if (json === undefined) return 'Body: whatever is to be sent.'
  const name = typeText(json.schema)
  const link = name === 'TelemetryConfigRequest' ? ' (see [config.md](config.md))' : ''
  return `Body: JSON, ${code(name)}${link}${body.required ? '' : '; may be left out'}.`
}

function answerRows(route: RouteDeclaration, operation: Operation): readonly (readonly string[])[] {
  return Object.entries(route.answers).map(([status, answer]) => {
    const [content] = Object.entries(operation.responses[status]?.content ?? {})
    const body = content === undefined ? 'none' : content[0] === 'application/json' ? code(typeText(content[1].schema)) : content[0]
    const headers = Object.entries(answer.headers ?? {}).map(([name, text]) => `${code(name)}: ${text}`)
    return [status, body, [answer.description, ...headers].join('. ')]
  })
}

function errorRows(route: RouteDeclaration): readonly (readonly string[])[] {
  return (route.errors ?? [])
    .map((name) => ({ name, ...errorTable[name] }))
    .sort((one, other) => one.httpStatus - other.httpStatus)
    .map(({ name, httpStatus, summary }) => [String(httpStatus), code(name), summary])
}
