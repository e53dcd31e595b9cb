// A JavaScript call stack in the one shape that keeps CDP's camelCase, because published clients type it so.
// It never holds source text: functions, script ids, URLs and positions only.
// Follows https://chromedevtools.github.io/devtools-protocol/tot/Runtime/#type-StackTrace
import { z } from 'zod'

/** One function on a stack. Line and column are zero-based. */
export interface CallFrame {
  functionName: string
  scriptId: string
  url: string
  lineNumber: number
  columnNumber: number
}

/** A stack, and with `parent` what asynchronously led to it. */
export interface StackTrace {
  description?: string | undefined
  callFrames: CallFrame[]
  parent?: StackTrace | undefined
}

const callFrameSchema = z.object({
  functionName: z.string(),
  scriptId: z.string(),
  url: z.string(),
  lineNumber: z.int(),
  columnNumber: z.int(),
})

/** The stack as validation and JSON Schema see it. */
export const stackTraceSchema: z.ZodType<StackTrace> = z.object({
  description: z.string().optional(),
  callFrames: z.array(callFrameSchema),
  get parent() {
    return stackTraceSchema.optional()
  },
})
