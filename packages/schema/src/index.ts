// The public surface of this package. Others import from here only; inside the package nobody does.
export * from './category.ts'
export * from './clock.ts'
export * from './config.ts'
export * from './context.ts'
export * from './cursor.ts'
export * from './define-event.ts'
export * from './envelope.ts'
export * from './errors.ts'
export { type CdpCommandData, type CdpCommandMethod, cdpCommandMethods } from './events/cdp-command.ts'
export { type DisconnectReason, disconnectReasons } from './events/connection.ts'
export { type BodyAbsentReason, bodyAbsentReasons, type IgnoredRequest, ignoredRequestSchema } from './events/network.ts'
export { settleConditions } from './events/page.ts'
export { type EventField, fieldsOf } from './fields.ts'
export * from './filter.ts'
export * from './ids.ts'
export * from './limits.ts'
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
