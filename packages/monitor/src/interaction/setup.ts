// Puts the page script into the frames of a session, keeps it there, and takes it out again. Only says what to ask.
//
// `Runtime.enable` is not asked for on its account: pages can notice it. Without it Chromium calls the binding all the same (measured on
// Chromium 156), but puts it only into worlds that exist when `Runtime.addBinding` is asked, and names no contexts. So each new document is
// followed by two commands: one that tells the context of our world in its frame, one that puts the binding there.
import { limits } from '@tabscope/schema'
import type { Protocol } from 'devtools-protocol'
import type { SessionScope } from '../session-scope.ts'
import { dropOldest } from '../tabs/tab.ts'
import { type Answer, joinSteps, type Question, type Step } from '../translator.ts'
import type { Registration } from './interaction-state.ts'
import { scriptFor, stopScript } from './script.ts'
import { heldMessages, tellMessage } from './tell.ts'

const ignored = (): undefined => undefined

/** What to ask when capture of interactions begins on a session. */
export function interactionBegins(scope: SessionScope): Question[] {
  return [...findFrames(scope), register(scope), addBinding(scope)]
}

/** What to ask when the plan has changed and interactions stay on. `hadRuntime`: under the plan before, Runtime was on. */
export function interactionChanges(scope: SessionScope, hadRuntime: boolean): Question[] {
  const before = scope.interaction.registration
  const isSame = before !== undefined && before.source === scriptFor(scope.plan, scope.interaction.names)
  // Switching Runtime off takes the bindings with it.
  const rebound = hadRuntime && !scope.plan.domains.has('Runtime') ? [...findFrames(scope), addBinding(scope)] : []
  // The new one runs at once and ends the one before, in each frame.
  return isSame ? rebound : [...rebound, register(scope), ...unregister(before)]
}

/** What to ask when capture of interactions ends on a session: no script in new documents, none in the ones that are there, no binding. */
export function interactionEnds(scope: SessionScope): Question[] {
  const { interaction } = scope
  const { registration } = interaction
  interaction.registration = undefined
  interaction.held = []
  const stop: Question = {
    method: 'Page.addScriptToEvaluateOnNewDocument',
    params: { source: stopScript, worldName: interaction.names.world, runImmediately: true },
    answered: (answer) => ({ questions: removal(identifierOf(answer)) }),
  }
  return [
    ...unregister(registration),
    stop,
    { method: 'Runtime.removeBinding', params: { name: interaction.names.binding }, answered: ignored },
  ]
}

/** A frame has a new document. */
export function frameCommitted(scope: SessionScope, frameId: string): Step | undefined {
  // With Runtime on, Chromium tells of every context and puts the binding there itself.
  if (!scope.plan.domains.has('Interaction') || scope.plan.domains.has('Runtime')) return undefined
  return { questions: [nameContext(scope, frameId), addBinding(scope)] }
}

function register(scope: SessionScope): Question {
  const { interaction } = scope
  const registration: Registration = { source: scriptFor(scope.plan, interaction.names), identifier: undefined, isUnwanted: false }
  interaction.registration = registration
  return {
    method: 'Page.addScriptToEvaluateOnNewDocument',
    params: { source: registration.source, worldName: interaction.names.world, runImmediately: true },
    answered: (answer) => {
      registration.identifier = identifierOf(answer)
      return registration.isUnwanted ? { questions: removal(registration.identifier) } : undefined
    },
  }
}

function unregister(registration: Registration | undefined): Question[] {
  if (registration === undefined) return []
  registration.isUnwanted = true
  return removal(registration.identifier)
}

function removal(identifier: string | undefined): Question[] {
  if (identifier === undefined) return []
  return [{ method: 'Page.removeScriptToEvaluateOnNewDocument', params: { identifier }, answered: ignored }]
}

function identifierOf(answer: Answer): string | undefined {
  return answer.ok ? (answer.result as Protocol.Page.AddScriptToEvaluateOnNewDocumentResponse).identifier : undefined
}

function addBinding(scope: SessionScope): Question {
  const { binding, world } = scope.interaction.names
  return { method: 'Runtime.addBinding', params: { name: binding, executionContextName: world }, answered: ignored }
}

// The frames that are there; later ones are told.
function findFrames(scope: SessionScope): Question[] {
  if (scope.plan.domains.has('Runtime')) return []
  return [
    contextQuestion(scope, {
      method: 'Page.getFrameTree',
      answered: (answer) => {
        if (!answer.ok) return undefined
        const { frameTree } = answer.result as Protocol.Page.GetFrameTreeResponse
        return {
          questions: framesOf(frameTree)
            .slice(0, limits.framesPerTab)
            .map((frameId) => nameContext(scope, frameId)),
        }
      },
    }),
  ]
}

function framesOf(tree: Protocol.Page.FrameTree): string[] {
  return [tree.frame.id, ...(tree.childFrames ?? []).flatMap(framesOf)]
}

// Asking for a world that is there tells its context.
function nameContext(scope: SessionScope, frameId: string): Question {
  return contextQuestion(scope, {
    method: 'Page.createIsolatedWorld',
    params: { frameId, worldName: scope.interaction.names.world },
    mayFail: true,
    answered: (answer) => {
      // The frame may be gone, or in another process, by now.
      if (!answer.ok) return undefined
      const { executionContextId } = answer.result as Protocol.Page.CreateIsolatedWorldResponse
      scope.contextFrames.set(executionContextId, frameId)
      dropOldest(scope.contextFrames, limits.framesPerTab)
      return undefined
    },
  })
}

// Messages that come from a context that has no name yet wait for the last of these.
function contextQuestion(scope: SessionScope, question: Question): Question {
  scope.interaction.openQuestions += 1
  return {
    ...question,
    answered: (answer, stamp) => {
      const step = question.answered(answer, stamp)
      scope.interaction.openQuestions -= 1
      return joinSteps(step, ...heldMessages(scope).map((held) => tellMessage(scope, held)))
    },
  }
}
