// A bounded copy of a CDP stack trace, in CDP's own shape. Never trusts a field to be there; never throws; never follows more
// frames or parents than the limits allow. Follows https://chromedevtools.github.io/devtools-protocol/tot/Runtime/#type-StackTrace
import { type CallFrame, limits, type StackTrace } from '@tabscope/schema'
import { cutText } from '../text-cut.ts'
import { fieldOf, integerOr, listOf, textOf } from './untrusted.ts'

/** A stack trace within the limits, and whether frames, parents or texts were left out. */
export interface BoundedStackTrace {
  readonly stackTrace: StackTrace
  readonly isCut: boolean
}

/** The stack with at most `limits.stackFrames` frames a level and `limits.stackParents` parents; what is more is left out. */
export function boundedStackTrace(stack: unknown): StackTrace {
  return boundStackTrace(stack).stackTrace
}

/** As `boundedStackTrace`, and tells whether something was left out. */
export function boundStackTrace(stack: unknown): BoundedStackTrace {
  const levels: StackTrace[] = []
  let isCut = false
  let level: unknown = stack
  while (levels.length === 0 || level !== undefined) {
    if (levels.length > limits.stackParents) return { stackTrace: chain(levels), isCut: true }
    const frames = listOf(fieldOf(level, 'callFrames'))
    const kept = frames.slice(0, limits.stackFrames).map(boundFrame)
    isCut ||= kept.length < frames.length || kept.some((frame) => frame.isCut)
    levels.push(describe(level, kept))
    level = fieldOf(level, 'parent')
  }
  return { stackTrace: chain(levels), isCut }
}

function describe(level: unknown, frames: readonly { frame: CallFrame }[]): StackTrace {
  const callFrames = frames.map(({ frame }) => frame)
  const description = fieldOf(level, 'description')
  if (typeof description !== 'string' || description === '') return { callFrames }
  return { description: cutText(description, limits.stackTextBytes).text, callFrames }
}

function boundFrame(frame: unknown): { frame: CallFrame; isCut: boolean } {
  const functionName = cutText(textOf(fieldOf(frame, 'functionName')), limits.stackTextBytes)
  const url = cutText(textOf(fieldOf(frame, 'url')), limits.stackTextBytes)
  const scriptId = cutText(textOf(fieldOf(frame, 'scriptId')), limits.stackTextBytes)
  return {
    frame: {
      functionName: functionName.text,
      scriptId: scriptId.text,
      url: url.text,
      lineNumber: integerOr(fieldOf(frame, 'lineNumber'), 0),
      columnNumber: integerOr(fieldOf(frame, 'columnNumber'), 0),
    },
    isCut: functionName.isCut || url.isCut || scriptId.isCut,
  }
}

// Links the levels from the oldest parent to the newest stack, without recursion.
function chain(levels: readonly StackTrace[]): StackTrace {
  return levels.reduceRight((parent, level) => ({ ...level, parent }))
}
