// What a monitor keeps in memory at this moment, beside its bounds. Worked out when somebody asks; costs nothing meanwhile.
// Where a bound is one of each session or tab, the largest counts.
import { type HeldPart, heldParts, limits } from '@tabscope/schema'
import type { SharedNetwork } from './network/network-state.ts'
import type { HeldQuestions } from './question-queue.ts'
import type { SessionScope } from './session-scope.ts'

export interface HeldSources {
  readonly scopes: ReadonlyMap<string, SessionScope>
  readonly shared: SharedNetwork
  readonly questions: HeldQuestions
  /** Commands without an answer. */
  readonly commands: number
}

export function heldByMonitor({ scopes, shared, questions, commands }: HeldSources): HeldPart[] {
  const most = (count: (scope: SessionScope) => number): number => Math.max(0, ...[...scopes.values()].map(count))
  return [
    ...heldParts('bytes', [
      ['open_requests', shared.held.open, limits.openRequestsBytes],
      ['wire_headers', shared.held.extra, limits.extraInfoBytes],
      ['awaiting_responses', shared.held.awaiting, limits.awaitingResponsesBytes],
      // A body larger than the bound is asked for alone.
      ['bodies_under_way', questions.bytesUnderWay, limits.bodyFetchesBytes],
      ['bodies_asked_for', questions.keptBytes, limits.bodyFetchesKeptBytes],
    ]),
    ...heldParts('items', [
      ['sessions', scopes.size, limits.cdpTargets],
      ['commands', commands, limits.cdpPendingCommands],
      ['bodies_under_way', questions.underWay, limits.bodyFetches],
      ['bodies_waiting', questions.waiting, limits.bodyFetchesWaiting],
      ['wire_headers', shared.extra.size, limits.pendingRequestsPerSession],
      ['awaiting_responses', shared.awaiting.size, limits.awaitingResponses],
      ['open_requests_of_a_session', most(({ network }) => network.open.size), limits.pendingRequestsPerSession],
      ['sockets_of_a_session', most(({ sockets }) => sockets.size), limits.socketsPerSession],
      ['downloads_of_a_session', most(({ downloads }) => downloads.size), limits.downloadsPerSession],
      ['script_contexts_of_a_session', most(({ contextFrames }) => contextFrames.size), limits.framesPerTab],
      ['interactions_of_a_session', most(({ interaction }) => interaction.held.length), limits.interactionsHeld],
      ['frames_of_a_tab', most(({ tab }) => tab?.frames.size ?? 0), limits.framesPerTab],
    ]),
  ]
}
