// Whether somebody navigated to the document that a frame was found with, or its page wrote it: `document.open()` gives the empty document of a
// frame the URL of whoever writes into it, and the frame tree tells no difference. The document's own timeline does, read in an isolated world.
// https://html.spec.whatwg.org/multipage/dynamic-markup-insertion.html#document-open-steps
import type { Protocol } from 'devtools-protocol'
import type { Frame, Tab } from '../tabs/tab.ts'
import type { Question, Step } from '../translator.ts'
import { isBlank } from './page-drafts.ts'

/** Frames written by the page that holds them have its URL; a page may also hold itself, but seldom does. */
export function mayBeWritten(tab: Tab, frame: Frame): boolean {
  const holder = frame.parentFrameId === undefined ? undefined : tab.frames.get(frame.parentFrameId)
  return holder?.url !== undefined && withoutFragment(holder.url) === withoutFragment(frame.url ?? '')
}

/** Asks where the document came from; `told` says what follows when it was navigated to. A frame that is gone meanwhile says nothing. */
export function originQuestion({ frameId }: Frame, told: () => Step | undefined): Question {
  return {
    method: 'Page.createIsolatedWorld',
    params: { frameId, worldName: 'tabscope' } satisfies Protocol.Page.CreateIsolatedWorldRequest,
    mayFail: true,
    answered: (answer) => {
      if (!answer.ok) return undefined
      const { executionContextId } = answer.result as Protocol.Page.CreateIsolatedWorldResponse
      return { questions: [timelineQuestion(executionContextId, told)] }
    },
  }
}

function timelineQuestion(contextId: number, told: () => Step | undefined): Question {
  const expression = "performance.getEntriesByType('navigation')[0]?.name"
  return {
    method: 'Runtime.evaluate',
    params: { expression, contextId, returnByValue: true } satisfies Protocol.Runtime.EvaluateRequest,
    mayFail: true,
    answered: (answer) => {
      if (!answer.ok) return undefined
      const { value } = (answer.result as Protocol.Runtime.EvaluateResponse).result
      return typeof value === 'string' && !isBlank(value) ? told() : undefined
    },
  }
}

function withoutFragment(url: string): string {
  const at = url.indexOf('#')
  return at === -1 ? url : url.slice(0, at)
}
