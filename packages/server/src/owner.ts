// The server's side of being owned by a control plane: it keeps a connection to it open, and ends when the control plane says so or stays
// away too long. A control plane that was killed and started again finds its servers because they come back to its socket by themselves.
//
//   looking ──connected, welcome──▶ owned ──closed──▶ looking     looking ──nobody within the grace──▶ over     any ──end, unknown──▶ over
import { connect } from 'node:net'
import { type LineSocket, lineSocket } from '@tabscope/http'
import {
  type CancelTimer,
  type Clock,
  type ExportFigures,
  limits,
  type OwnedMessage,
  type OwnerMessage,
  ownerMessageSchema,
} from '@tabscope/schema'

/** Why an owned server has to end. */
export type OwnerEnding = 'owner_gone' | 'told'

export interface OwnerOptions {
  /** The socket of the control plane. */
  readonly socketPath: string
  /** Which of its browsers this is. */
  readonly browserId: string
  readonly clock: Clock
  /** Default `limits.ownerGraceMs`. */
  readonly graceMs?: number
  /** Called once. */
  readonly onOver: (ending: OwnerEnding) => void
  readonly onSecrets: (secrets: readonly string[]) => void
}

export interface Owner extends Disposable {
  /** Says where this server listens, now and to every control plane that comes later. */
  ready(url: string): void
  /** Says what the export came to, now and to every control plane that comes later. */
  exported(figures: ExportFigures): void
  /** Says why it is about to end. */
  ending(reason: string): void
  /** Lets go of the control plane. */
  close(): void
}

interface State {
  readonly options: OwnerOptions
  at: 'looking' | 'owned' | 'over'
  line: LineSocket<OwnedMessage> | undefined
  url: string | undefined
  figures: ExportFigures | undefined
  cancelRetry: CancelTimer
  cancelGrace: CancelTimer
}

/** Begins to look for the control plane; the grace runs from now. */
export function createOwner(options: OwnerOptions): Owner {
  const nothing = (): void => undefined
  const state: State = {
    options,
    at: 'looking',
    line: undefined,
    url: undefined,
    figures: undefined,
    cancelRetry: nothing,
    cancelGrace: nothing,
  }
  look(state)
  const close = (): void => {
    state.at = 'over'
    state.cancelRetry()
    state.cancelGrace()
    state.line?.close()
  }
  return {
    ready: (url) => {
      state.url = url
      state.line?.send({ kind: 'ready', url })
    },
    exported: (figures) => {
      state.figures = figures
      state.line?.send({ kind: 'exported', figures })
    },
    ending: (reason) => state.line?.send({ kind: 'ending', reason }),
    close,
    [Symbol.dispose]: close,
  }
}

function look(state: State): void {
  const { clock, graceMs } = state.options
  state.at = 'looking'
  state.cancelGrace = clock.schedule(clock.monotonicMs() + (graceMs ?? limits.ownerGraceMs), () => finish(state, 'owner_gone'))
  attempt(state)
}

function attempt(state: State): void {
  const { socketPath, browserId, clock } = state.options
  const line = lineSocket<OwnerMessage, OwnedMessage>(connect(socketPath), {
    schema: ownerMessageSchema,
    onMessage: (message) => take(state, message),
    onClosed: () => {
      state.line = undefined
      if (state.at === 'owned') look(state)
      else if (state.at === 'looking') state.cancelRetry = clock.schedule(clock.monotonicMs() + limits.ownerRetryMs, () => attempt(state))
    },
  })
  state.line = line
  line.send({ kind: 'hello', browser: browserId, pid: process.pid })
  if (state.url !== undefined) line.send({ kind: 'ready', url: state.url })
  if (state.figures !== undefined) line.send({ kind: 'exported', figures: state.figures })
}

function take(state: State, message: OwnerMessage): void {
  if (message.kind === 'end') finish(state, 'told')
  else if (message.kind === 'secrets') state.options.onSecrets(message.secrets)
  else if (state.at === 'looking') {
    state.at = 'owned'
    state.cancelGrace()
  }
}

function finish(state: State, ending: OwnerEnding): void {
  if (state.at === 'over') return
  state.at = 'over'
  state.cancelRetry()
  state.cancelGrace()
  state.options.onOver(ending)
}
