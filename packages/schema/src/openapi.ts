// The OpenAPI 3.1 documents of both servers, built from api.ts, the registry and the table of errors.
// Takes some tens of milliseconds: whoever serves it builds it once.
import { z } from 'zod'
import { healthSchema, problemSchema, telemetryStateSchema } from './api/answers.ts'
import { curlAnswerSchema, curlRequestSchema, showRequestSchema } from './api/browser.ts'
import {
  browserSchema,
  createBrowserSchema,
  createDestinationSchema,
  destinationSchema,
  updateBrowserSchema,
  updateDestinationSchema,
} from './api/control.ts'
import { startRequestSchema } from './api/first-generation.ts'
import { type Answer, commonErrors, type Parameter, type RouteDeclaration } from './api/route.ts'
import { api, controlRoutes, servedRoutes } from './api.ts'
import { configRequestSchema, telemetryConfigSchema } from './config-schema.ts'
import { envelopeSchema } from './envelope.ts'
import { type ErrorCode, errorTable } from './errors.ts'
import { eventSchemas, type JsonSchema, type JsonSchemas, jsonSchemaOf, namedSchemas } from './json-schema.ts'
import { publishRequestSchema } from './publish-request.ts'

const prefix = '#/components/schemas/'

const components: Readonly<Record<string, z.ZodType>> = {
  Problem: problemSchema,
  TelemetryState: telemetryStateSchema,
  TelemetryConfig: telemetryConfigSchema,
  TelemetryConfigRequest: configRequestSchema,
  PublishRequest: publishRequestSchema,
  StartRequest: startRequestSchema,
  Health: healthSchema,
  CurlRequest: curlRequestSchema,
  CurlAnswer: curlAnswerSchema,
  ShowRequest: showRequestSchema,
  Browser: browserSchema,
  CreateBrowserRequest: createBrowserSchema,
  UpdateBrowserRequest: updateBrowserSchema,
  Destination: destinationSchema,
  CreateDestinationRequest: createDestinationSchema,
  UpdateDestinationRequest: updateDestinationSchema,
}

const componentNames = new Map<z.ZodType, string>(Object.entries(components).map(([name, schema]) => [schema, name]))

// The envelope's schema as zod has it is only its frame: events by type are joined to it as JSON Schema.
componentNames.set(envelopeSchema, 'Envelope')

/** What the document says beyond the routes. */
export interface OpenApiOptions {
  /** Version of the server that answers. */
  readonly version?: string
  /** Also the routes that no server has yet. */
  readonly withPlanned?: boolean
}

/** The document of the server of one browser. */
export function openApiDocument(options: OpenApiOptions = {}): JsonSchema {
  return documentOf(options.withPlanned === true ? api : servedRoutes, {
    title: 'Tabscope: the server of one browser',
    version: options.version ?? '0.1.0',
    description: 'Captures what happens inside a Chromium browser as typed, numbered events, and streams them live with exact resume.',
  })
}

/** The document of the control plane. */
export function controlOpenApiDocument(options: Pick<OpenApiOptions, 'version'> = {}): JsonSchema {
  return documentOf(controlRoutes, {
    title: 'Tabscope: many browsers',
    version: options.version ?? '0.1.0',
    description: 'Starts and ends browsers, each with its own server, and answers for the ones that have ended.',
  })
}

function documentOf(routes: readonly RouteDeclaration[], info: { title: string; version: string; description: string }): JsonSchema {
  return {
    openapi: '3.1.0',
    info: { ...info, license: { name: 'Apache-2.0', identifier: 'Apache-2.0' } },
    paths: pathsOf(routes),
    components: { schemas: componentSchemas(routes) },
  }
}

function componentSchemas(routes: readonly RouteDeclaration[]): JsonSchemas {
  const answered = routes.flatMap((route) => Object.values(route.answers).map((answer) => answer.schema))
  const used = new Set([...answered.map(elementOf), ...routes.map((route) => route.body?.schema)])
  const withConfig = used.has(telemetryStateSchema)
  const isUsed = (schema: z.ZodType): boolean =>
    used.has(schema) || schema === problemSchema || (withConfig && schema === telemetryConfigSchema)
  const named = Object.fromEntries(Object.entries(components).filter(([, schema]) => isUsed(schema)))
  return { ...namedSchemas(named, prefix), ...eventSchemas(prefix) }
}

function elementOf(schema: z.ZodType | undefined): z.ZodType | undefined {
  return schema instanceof z.ZodArray ? (schema.element as z.ZodType) : schema
}

function pathsOf(routes: readonly RouteDeclaration[]): JsonSchema {
  const paths: { [path: string]: JsonSchema } = {}
  for (const route of routes) paths[route.path] = { ...paths[route.path], [route.method.toLowerCase()]: operation(route) }
  return paths
}

function operation(route: RouteDeclaration): JsonSchema {
  return {
    operationId: route.operationId,
    summary: route.summary,
    tags: [route.tag],
    ...(route.parameters !== undefined && { parameters: route.parameters.map(parameter) }),
    ...(route.body !== undefined && {
      requestBody: {
        required: route.body.isRequired,
        content: { [route.body.contentType ?? 'application/json']: { schema: reference(route.body.schema) } },
      },
    }),
    responses: { ...answers(route), ...problems(route) },
  }
}

function parameter({ name, in: place, description, schema, isList }: Parameter): JsonSchema {
  const isRequired = place === 'path'
  return { name, in: place, required: isRequired, description, schema: jsonSchemaOf(schema), ...(isList === true && { explode: true }) }
}

function answers(route: RouteDeclaration): JsonSchema {
  return Object.fromEntries(Object.entries(route.answers).map(([status, answer]) => [status, answerObject(answer)]))
}

function answerObject({ description, schema, contentType, headers }: Answer): JsonSchema {
  return {
    description,
    ...(headers !== undefined && {
      headers: Object.fromEntries(Object.entries(headers).map(([name, text]) => [name, headerObject(text)])),
    }),
    ...(schema !== undefined && { content: { [contentType ?? 'application/json']: { schema: reference(schema) } } }),
  }
}

function headerObject(description: string): JsonSchema {
  return { description, schema: { type: 'string' } }
}

// One entry for each status: its description lists the codes.
function problems(route: RouteDeclaration): JsonSchema {
  const byStatus = new Map<number, ErrorCode[]>()
  for (const code of [...(route.errors ?? []), ...commonErrors]) {
    const { httpStatus } = errorTable[code]
    byStatus.set(httpStatus, [...(byStatus.get(httpStatus) ?? []), code])
  }
  const entries = [...byStatus].sort(([one], [other]) => one - other).filter(([status]) => route.answers[status] === undefined)
  return Object.fromEntries(entries.map(([status, codes]) => [status, problem(codes)]))
}

function problem(codes: readonly ErrorCode[]): JsonSchema {
  const description = codes.map((code) => `\`${code}\`: ${errorTable[code].summary}`).join(' ')
  return { description, content: { 'application/json': { schema: { $ref: `${prefix}Problem` } } } }
}

function reference(schema: z.ZodType): JsonSchema {
  if (schema instanceof z.ZodArray) return { type: 'array', items: reference(schema.element as z.ZodType) }
  const name = componentNames.get(schema)
  return name === undefined ? jsonSchemaOf(schema) : { $ref: `${prefix}${name}` }
}
