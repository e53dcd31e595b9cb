// Translates CDP's Runtime and Log domains: console calls, uncaught exceptions, the browser's own log entries.
// https://chromedevtools.github.io/devtools-protocol/tot/Runtime/ and …/tot/Log/
import { type EventDraft, limits } from '@tabscope/schema'
import type { Protocol } from 'devtools-protocol'
import { formatArguments } from '../console/format-arguments.ts'
import { formatException } from '../console/format-exception.ts'
import { boundStackTrace } from '../console/stack-trace.ts'
import { admitHistory } from '../replay.ts'
import { documentContext, rootFrameOf, type SessionScope, sourceOf } from '../session-scope.ts'
import type { Frame } from '../tabs/tab.ts'
import { cutText } from '../text-cut.ts'
import type { HandlerTable, Step } from '../translator.ts'

export const runtimeHandlers = {
  'Runtime.consoleAPICalled': consoleAPICalled,
  'Runtime.exceptionThrown': exceptionThrown,
  'Runtime.executionContextCreated': executionContextCreated,
  'Runtime.executionContextDestroyed': executionContextDestroyed,
  'Runtime.executionContextsCleared': executionContextsCleared,
} as const satisfies HandlerTable

export const logHandlers = {
  'Log.entryAdded': entryAdded,
} as const satisfies HandlerTable

function executionContextCreated(scope: SessionScope, message: Protocol.Runtime.ExecutionContextCreatedEvent): undefined {
  const frameId: unknown = message.context.auxData?.frameId
  if (typeof frameId !== 'string') return
  scope.contextFrames.set(message.context.id, frameId)
  for (const id of scope.contextFrames.keys()) {
    if (scope.contextFrames.size <= limits.framesPerTab) break
    scope.contextFrames.delete(id)
  }
}

function executionContextDestroyed(scope: SessionScope, message: Protocol.Runtime.ExecutionContextDestroyedEvent): undefined {
  scope.contextFrames.delete(message.executionContextId)
}

function executionContextsCleared(scope: SessionScope): undefined {
  scope.contextFrames.clear()
}

// The document that a script ran in: its frame when the context is known, else the session's own document.
function frameOfContext(scope: SessionScope, contextId: number | undefined): Frame | undefined {
  const frameId = contextId === undefined ? undefined : scope.contextFrames.get(contextId)
  return (frameId === undefined ? undefined : scope.tab?.frames.get(frameId)) ?? rootFrameOf(scope)
}

function consoleAPICalled(scope: SessionScope, message: Protocol.Runtime.ConsoleAPICalledEvent): Step | undefined {
  const type = message.type === 'error' ? 'console_error' : 'console_log'
  const history = admitHistory(scope, 'console', message.timestamp)
  if (history === 'known' || !scope.plan.publishes(type)) return undefined
  const formatted = formatArguments(message.args, { withPreview: scope.plan.captures(`${type}.args_preview`), level: message.type })
  const data: EventDraft<'console_error'>['data'] & EventDraft<'console_log'>['data'] = {
    ...documentContext(scope, frameOfContext(scope, message.executionContextId)),
    text: formatted.text,
    level: message.type,
    args: [...formatted.args],
  }
  const cut = [...formatted.cut]
  if (history === 'replayed') data.replayed = true
  if (formatted.preview !== undefined) data.args_preview = [...formatted.preview]
  if (message.stackTrace !== undefined && scope.plan.captures(`${type}.stack_trace`)) cut.push(...addStack(data, message.stackTrace))
  return { drafts: [consoleDraft(scope, type, 'Runtime.consoleAPICalled', { data, cut })] }
}

// Puts the stack into `data` and names the field when something of it had to be left out.
function addStack(data: { stack_trace?: ReturnType<typeof boundStackTrace>['stackTrace'] | undefined }, stack: unknown): string[] {
  const bounded = boundStackTrace(stack)
  data.stack_trace = bounded.stackTrace
  return bounded.isCut ? ['stack_trace'] : []
}

function exceptionThrown(scope: SessionScope, message: Protocol.Runtime.ExceptionThrownEvent): Step | undefined {
  const history = admitHistory(scope, 'exception', message.timestamp)
  if (history === 'known' || !scope.plan.notices('console_error')) return undefined
  const details = message.exceptionDetails
  const formatted = formatException(details, { withStack: scope.plan.captures('console_error.stack_trace') })
  const data: EventDraft<'console_error'>['data'] = {
    ...documentContext(scope, frameOfContext(scope, details.executionContextId)),
    text: formatted.text,
  }
  if (formatted.line !== undefined) data.line = formatted.line
  if (formatted.column !== undefined) data.column = formatted.column
  if (formatted.sourceUrl !== undefined) data.source_url = formatted.sourceUrl
  if (formatted.isUnhandledRejection) data.is_unhandled_rejection = true
  if (history === 'replayed') data.replayed = true
  const cut = [...formatted.cut]
  if (formatted.stackTrace !== undefined) data.stack_trace = formatted.stackTrace
  return { drafts: [consoleDraft(scope, 'console_error', 'Runtime.exceptionThrown', { data, cut })] }
}

function entryAdded(scope: SessionScope, message: Protocol.Log.EntryAddedEvent): Step | undefined {
  const { entry } = message
  // What a worker says is told on its own session; this is the same once more, on its owner's.
  if (entry.source === 'worker') return undefined
  const history = admitHistory(scope, 'log', entry.timestamp)
  if (history === 'known' || !scope.plan.publishes('console_log')) return undefined
  const text = cutText(entry.text, limits.consoleTextBytes)
  const data: EventDraft<'console_log'>['data'] = {
    ...documentContext(scope),
    text: text.text,
    level: entry.level,
    log_source: entry.source,
  }
  if (entry.url !== undefined && entry.url !== '') data.source_url = cutText(entry.url, limits.consoleArgumentBytes).text
  if (entry.lineNumber !== undefined) data.line = entry.lineNumber
  if (history === 'replayed') data.replayed = true
  const cut = text.isCut ? ['text'] : []
  if (entry.stackTrace !== undefined && scope.plan.captures('console_log.stack_trace')) cut.push(...addStack(data, entry.stackTrace))
  return { drafts: [consoleDraft(scope, 'console_log', 'Log.entryAdded', { data, cut })] }
}

function consoleDraft<Type extends 'console_log' | 'console_error'>(
  scope: SessionScope,
  type: Type,
  event: string,
  content: { data: EventDraft<Type>['data']; cut: readonly string[] },
): EventDraft<Type> {
  const draft = { type, category: 'console', detailLevel: scope.plan.config.console.detail_level, source: sourceOf(scope, event) } as const
  if (content.cut.length === 0) return { ...draft, data: content.data }
  return { ...draft, data: { ...content.data, truncated_fields: [...content.cut] }, truncated: true }
}
