// The public surface of this package. Others import from here only; inside the package nobody does.

export { abortable } from './abortable.ts'
export { type CurlRequest, curlRequestSchema, type ShowRequest, showRequestSchema } from './api/browser.ts'
export {
  type Browser,
  browserSchema,
  type CreateBrowser,
  type CreateDestination,
  createBrowserSchema,
  createDestinationSchema,
  type Destination,
  destinationSchema,
  isIdShaped,
  type TelemetryRequest,
  type UpdateBrowser,
  type UpdateDestination,
  unsupportedFields,
  updateBrowserSchema,
  updateDestinationSchema,
} from './api/control.ts'
export { type StartRequest, startRequestSchema } from './api/first-generation.ts'
export type { Answer, Method, Parameter, RecordedAs, RequestBody, RouteDeclaration } from './api/route.ts'
export { commonErrors } from './api/route.ts'
export { api, controlRoutes, routeNamed, servedRoutes } from './api.ts'
export * from './category.ts'
export * from './clock.ts'
export * from './config.ts'
export { anyEnabled, mergeConfig, parseConfigRequest, replaceConfig } from './config-request.ts'
export { type ConfigRequest, configRequestSchema, telemetryConfigSchema } from './config-schema.ts'
export { type ConfigWarning, warningsFor } from './config-warnings.ts'
export * from './context.ts'
export * from './cursor.ts'
export * from './define-event.ts'
export * from './envelope.ts'
export * from './errors.ts'
export { type CdpCommandData, type CdpCommandMethod, cdpCommandMethods } from './events/cdp-command.ts'
export { type DisconnectReason, disconnectReasons } from './events/connection.ts'
export { type BodyAbsentReason, bodyAbsentReasons, type IgnoredRequest, ignoredRequestSchema } from './events/network.ts'
export { settleConditions } from './events/page.ts'
export { combineExports, type ExportFigures, exportFiguresSchema } from './export-figures.ts'
export { type EventField, fieldsOf } from './fields.ts'
export * from './filter.ts'
export { parseFilterQuery, type Query, valuesOf } from './filter-query.ts'
export { type HeldPart, heldParts } from './held.ts'
export * from './ids.ts'
export { type Issue, invalidRequest, issuesFrom } from './issue.ts'
export { isDeeperThan } from './json-depth.ts'
export { eventsSchemaDocument, type JsonSchema, jsonSchemaOf, pascalCase } from './json-schema.ts'
export * from './limits.ts'
export { controlOpenApiDocument, type OpenApiOptions, openApiDocument } from './openapi.ts'
export { type OwnedMessage, type OwnerMessage, ownedMessageSchema, ownerMessageSchema } from './owner.ts'
export { parsePublishRequest, publishRequestSchema } from './publish-request.ts'
export {
  type CategoryOf,
  definitionOf,
  type EventDataOf,
  type EventType,
  type EventTypeIn,
  eventTypes,
  isKnownType,
  registry,
  typesOf,
} from './registry.ts'
export * from './source.ts'
export { type CallFrame, type StackTrace, stackTraceSchema } from './stack-trace.ts'
export { parseDurationUs, parseRfc3339Us, parseTimeUs, parseTimeWindow, type TimeWindow } from './times.ts'
export { validateEnvelope } from './validate.ts'
