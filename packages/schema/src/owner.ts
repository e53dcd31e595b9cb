// What the control plane and the servers of its browsers say to each other, one JSON object a line over a socket of this machine. The
// open connection itself is the message that matters: while it is there, the server has an owner. No secret is in any of them but `secrets`.
import { z } from 'zod'
import { exportFiguresSchema } from './export-figures.ts'

/** From the server of a browser to its control plane. */
export const ownedMessageSchema = z.union([
  z.object({ kind: z.literal('hello'), browser: z.string(), pid: z.int().positive() }),
  /** It listens, captures and has opened its pages. */
  z.object({ kind: z.literal('ready'), url: z.string() }),
  /** It is about to end, and why. */
  z.object({ kind: z.literal('ending'), reason: z.string() }),
  /** Whenever they have changed, but not too often; and when it comes back to a control plane. */
  z.object({ kind: z.literal('exported'), figures: exportFiguresSchema }),
])
export type OwnedMessage = z.infer<typeof ownedMessageSchema>

/** From the control plane to the server of a browser. */
export const ownerMessageSchema = z.union([
  /** It is known, and owned from now on. */
  z.object({ kind: z.literal('welcome') }),
  /** It is to end itself. */
  z.object({ kind: z.literal('end') }),
  /** These secrets count from now on, instead of the ones before. */
  z.object({ kind: z.literal('secrets'), secrets: z.array(z.string()) }),
])
export type OwnerMessage = z.infer<typeof ownerMessageSchema>
