// Where an event comes from, and how much of it was captured. The vocabularies of the published contract.
import { z } from 'zod'

/** The kinds of producers. `kernel_api` events are made by a server itself; outside programs may not claim it, nor `cdp`. */
export const sourceKinds = ['cdp', 'kernel_api', 'extension', 'local_process'] as const
export type SourceKind = (typeof sourceKinds)[number]

/** How much of an event is captured. Each level holds all of the one before it. */
export const detailLevels = ['minimal', 'standard', 'verbose', 'raw'] as const
export type DetailLevel = (typeof detailLevels)[number]

/** The position of a level in the order minimal < standard < verbose < raw. */
export function detailRank(level: DetailLevel): number {
  return detailLevels.indexOf(level)
}

/** The keys of `source.metadata` on events that come from a browser target. */
export interface CdpMetadata {
  telemetry_session_id?: string
  cdp_session_id?: string
  target_id?: string
  target_type?: string
}

/** The producer of an event: its kind, its own name for what happened (for CDP the method), and string labels. */
export const sourceSchema = z.object({
  kind: z.enum(sourceKinds).describe('Who made the event'),
  event: z.string().optional().describe("The producer's own name for it; for CDP the method. Absent for computed events"),
  metadata: z.record(z.string(), z.string()).optional().describe('String labels, such as the CDP session and the target'),
})
export type Source = z.infer<typeof sourceSchema>
