// Translates dialogs and downloads, which CDP's Page domain tells. Never answers a dialog and never decides about a download: other
// clients do. https://chromedevtools.github.io/devtools-protocol/tot/Page/#event-javascriptDialogOpening
import { type EventDraft, limits } from '@tabscope/schema'
import type { Protocol } from 'devtools-protocol'
import { documentContext, type SessionScope, sourceOf } from '../session-scope.ts'
import { dropOldest, type Frame } from '../tabs/tab.ts'
import { cutText, cutUrl } from '../text-cut.ts'
import type { HandlerTable, Step } from '../translator.ts'

export const dialogHandlers = {
  'Page.javascriptDialogOpening': dialogOpening,
  'Page.javascriptDialogClosed': dialogClosed,
  'Page.downloadWillBegin': downloadWillBegin,
  'Page.downloadProgress': downloadProgress,
} as const satisfies HandlerTable

type DialogType = 'page_dialog_opened' | 'page_dialog_closed' | 'page_download_started' | 'page_download_finished'

function step<Type extends DialogType>(scope: SessionScope, type: Type, event: string, data: EventDraft<Type>['data']): Step | undefined {
  if (!scope.plan.publishes(type)) return undefined
  const draft = { type, category: 'page', detailLevel: scope.plan.config.page.detail_level, source: sourceOf(scope, event), data } as const
  return { drafts: [data.truncated_fields === undefined ? draft : { ...draft, truncated: true }] }
}

function frameNamed(scope: SessionScope, frameId: string | undefined): Frame | undefined {
  return frameId === undefined ? undefined : scope.tab?.frames.get(frameId)
}

function dialogOpening(scope: SessionScope, message: Protocol.Page.JavascriptDialogOpeningEvent): Step | undefined {
  scope.openDialogs += 1
  const text = cutText(message.message, limits.dialogTextBytes)
  const prompt = message.defaultPrompt === undefined ? undefined : cutText(message.defaultPrompt, limits.dialogTextBytes)
  const cut = [...(text.isCut ? ['message'] : []), ...(prompt?.isCut === true ? ['default_prompt'] : [])]
  return step(scope, 'page_dialog_opened', 'Page.javascriptDialogOpening', {
    ...documentContext(scope, frameNamed(scope, message.frameId)),
    dialog_type: message.type,
    message: text.text,
    default_prompt: prompt === undefined || prompt.text === '' ? undefined : prompt.text,
    truncated_fields: cut.length > 0 ? cut : undefined,
  })
}

function dialogClosed(scope: SessionScope, message: Protocol.Page.JavascriptDialogClosedEvent): Step | undefined {
  scope.openDialogs = Math.max(0, scope.openDialogs - 1)
  return step(scope, 'page_dialog_closed', 'Page.javascriptDialogClosed', {
    ...documentContext(scope, frameNamed(scope, message.frameId)),
    accepted: message.result,
  })
}

function downloadWillBegin(scope: SessionScope, message: Protocol.Page.DownloadWillBeginEvent): Step | undefined {
  const download = { url: cutUrl(message.url).text, suggestedFilename: cutText(message.suggestedFilename, limits.dialogTextBytes).text }
  scope.downloads.set(message.guid, download)
  dropOldest(scope.downloads, limits.downloadsPerSession)
  return step(scope, 'page_download_started', 'Page.downloadWillBegin', {
    ...documentContext(scope, frameNamed(scope, message.frameId)),
    guid: message.guid,
    url: download.url,
    suggested_filename: download.suggestedFilename,
  })
}

// Progress comes many times a second; only the end is told.
function downloadProgress(scope: SessionScope, message: Protocol.Page.DownloadProgressEvent): Step | undefined {
  if (message.state === 'inProgress') return undefined
  const download = scope.downloads.get(message.guid)
  scope.downloads.delete(message.guid)
  const context = documentContext(scope)
  return step(scope, 'page_download_finished', 'Page.downloadProgress', {
    ...context,
    url: download?.url ?? context.url,
    guid: message.guid,
    suggested_filename: download?.suggestedFilename,
    state: message.state,
    received_bytes: Math.round(message.receivedBytes),
    late_attach: download === undefined ? true : undefined,
  })
}
