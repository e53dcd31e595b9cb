// The specification of the connection, told with a hand-cranked clock.
import { createManualClock, type ManualClock } from '@tabscope/schema'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createLinkState, type LinkInput, type LinkOutput, stepLink } from './link.ts'

type Untimed<Input> = Input extends unknown ? Omit<Input, 'atMs'> : never

interface Link {
  readonly clock: ManualClock
  /** What was commanded and told, each with the time at which it was. */
  readonly said: string[]
  tell(input: Untimed<LinkInput>): void
  to(atMs: number): void
  /** The same without wakes, as if the process had been stopped; then one wake. */
  stoppedTo(atMs: number): void
  at(): string
  refused(): readonly string[]
  hear(): void
}

function say(output: LinkOutput): string {
  switch (output.kind) {
    case 'disconnected':
      return `disconnected ${output.cause}`
    case 'reconnected':
      return `reconnected after ${output.reconnectDurationMs}${output.isOtherBrowser ? ' to another browser' : ''}`
    case 'reconnect_failed':
      return `reconnect_failed after ${output.attempts}`
    default:
      return `${output.kind} ${output.attempt}`
  }
}

function createLink(attemptLimit?: number): Link {
  const clock = createManualClock()
  const said: string[] = []
  const refused: string[] = []
  let state = createLinkState({ attemptLimit })
  let cancelTimer = (): void => {}
  let lastMessageAtMs: number | undefined
  let isStopped = false
  const feed = (input: LinkInput): void => {
    const step = stepLink(state, input)
    state = step.state
    said.push(...step.outputs.map((output) => `${input.atMs} ${say(output)}`))
    if (step.refused !== undefined) refused.push(`${input.kind}: ${step.refused}`)
    cancelTimer()
    if (step.wakeAtMs !== undefined) cancelTimer = clock.schedule(step.wakeAtMs, wake)
  }
  const wake = (): void => {
    if (!isStopped) feed({ kind: 'wake', atMs: clock.monotonicMs(), lastMessageAtMs })
  }
  return {
    clock,
    said,
    tell: (input) => feed({ ...input, atMs: clock.monotonicMs() } as LinkInput),
    to: (atMs) => clock.moveTo(atMs),
    stoppedTo: (atMs) => {
      isStopped = true
      clock.moveTo(atMs)
      isStopped = false
      wake()
    },
    at: () => state.phase.at,
    refused: () => refused,
    hear: () => {
      lastMessageAtMs = clock.monotonicMs()
    },
  }
}

/** Live since 0 on endpoint A, with attempt 1; what was said until then is dropped. */
function createLiveLink(attemptLimit?: number): Link {
  const link = createLink(attemptLimit)
  link.tell({ kind: 'start' })
  link.tell({ kind: 'opened', attempt: 1, endpoint: 'A' })
  link.tell({ kind: 'capture_ready', attempt: 1 })
  link.said.length = 0
  return link
}

describe('before Chromium exists', () => {
  test('it is tried after 250 ms, doubling to 5 s, without end and without a word', () => {
    const link = createLink(3)
    link.tell({ kind: 'start' })
    for (let attempt = 1; attempt <= 9; attempt++) {
      link.tell({ kind: 'open_failed', attempt })
      link.clock.moveTo(link.clock.monotonicMs() + Math.min(250 * 2 ** (attempt - 1), 5000))
    }
    expect(link.said).toEqual(
      [0, 250, 750, 1750, 3750, 7750, 12_750, 17_750, 22_750, 27_750].map((atMs, index) => `${atMs} open ${index + 1}`),
    )
  })

  test('the first connection tells neither a disconnect nor a reconnect', () => {
    const link = createLink()
    link.tell({ kind: 'start' })
    link.tell({ kind: 'open_failed', attempt: 1 })
    link.to(250)
    link.tell({ kind: 'opened', attempt: 2, endpoint: 'A' })
    link.tell({ kind: 'closed', attempt: 2 })
    link.to(750)
    link.tell({ kind: 'opened', attempt: 3, endpoint: 'B' })
    link.tell({ kind: 'capture_ready', attempt: 3 })
    expect([link.said, link.at()]).toEqual([['0 open 1', '250 open 2', '750 open 3'], 'live'])
  })

  test('an endpoint that announces itself is tried at once', () => {
    const link = createLink()
    link.tell({ kind: 'start' })
    link.tell({ kind: 'open_failed', attempt: 1 })
    link.to(100)
    link.tell({ kind: 'endpoint_changed', endpoint: 'A' })
    expect(link.said).toEqual(['0 open 1', '100 open 2'])
  })

  test('an attempt that takes too long is closed, and its late success too', () => {
    const link = createLink()
    link.tell({ kind: 'start' })
    link.to(15_250)
    link.tell({ kind: 'opened', attempt: 1, endpoint: 'A' })
    expect([link.said, link.refused()]).toEqual([['0 open 1', '15000 close 1', '15250 open 2', '15250 close 1'], ['opened: stale_attempt']])
  })
})

describe('a loss', () => {
  test('of the socket is told as connection_lost when the same Chromium is found again', () => {
    const link = createLiveLink()
    link.to(1000)
    link.tell({ kind: 'closed', attempt: 1 })
    link.to(1010)
    link.tell({ kind: 'endpoint_read', attempt: 2, endpoint: 'A' })
    link.to(1020)
    link.tell({ kind: 'opened', attempt: 2, endpoint: 'A' })
    link.to(1100)
    link.tell({ kind: 'capture_ready', attempt: 2 })
    expect(link.said).toEqual(['1000 open 2', '1020 disconnected connection_lost', '1100 reconnected after 100'])
  })

  test('is told as chrome_restarted when another Chromium is found', () => {
    const link = createLiveLink()
    link.to(1000)
    link.tell({ kind: 'closed', attempt: 1 })
    link.to(1020)
    link.tell({ kind: 'opened', attempt: 2, endpoint: 'B' })
    link.to(1100)
    link.tell({ kind: 'capture_ready', attempt: 2 })
    expect(link.said).toEqual(['1000 open 2', '1020 disconnected chrome_restarted', '1100 reconnected after 100 to another browser'])
  })

  test('is chrome_restarted when the attempt fails or nobody names an endpoint, and is told at the latest after 250 ms, once', () => {
    const failed = createLiveLink()
    failed.tell({ kind: 'closed', attempt: 1 })
    failed.to(5)
    failed.tell({ kind: 'endpoint_read', attempt: 2, endpoint: 'A' })
    failed.tell({ kind: 'open_failed', attempt: 2 })
    const slow = createLiveLink()
    slow.tell({ kind: 'closed', attempt: 1 })
    slow.to(400)
    slow.tell({ kind: 'opened', attempt: 2, endpoint: 'B' })
    slow.tell({ kind: 'capture_ready', attempt: 2 })
    expect([failed.said, slow.said]).toEqual([
      ['0 open 2', '5 disconnected chrome_restarted'],
      ['0 open 2', '250 disconnected chrome_restarted', '400 reconnected after 400 to another browser'],
    ])
  })

  test('is connection_lost after 250 ms when the endpoint is the same and nobody has answered or refused there yet', () => {
    const link = createLiveLink()
    link.tell({ kind: 'closed', attempt: 1 })
    link.tell({ kind: 'endpoint_read', attempt: 2, endpoint: 'A' })
    link.to(300)
    expect(link.said).toEqual(['0 open 2', '250 disconnected connection_lost'])
  })

  test('is told at once when whoever watches the process saw it end', () => {
    const link = createLiveLink()
    link.tell({ kind: 'closed', attempt: 1, isBrowserGone: true })
    expect(link.said).toEqual(['0 disconnected chrome_restarted', '0 open 2'])
  })

  test('is another endpoint, while the old socket is still open', () => {
    const link = createLiveLink()
    link.tell({ kind: 'endpoint_changed', endpoint: 'A' })
    link.to(100)
    link.tell({ kind: 'endpoint_changed', endpoint: 'B' })
    expect(link.said).toEqual(['100 close 1', '100 disconnected chrome_restarted', '100 open 2'])
  })

  test('on the way back starts over when yet another Chromium announces itself, not when the same one does', () => {
    const link = createLiveLink()
    link.tell({ kind: 'closed', attempt: 1, isBrowserGone: true })
    link.tell({ kind: 'opened', attempt: 2, endpoint: 'B' })
    link.to(100)
    link.tell({ kind: 'endpoint_changed', endpoint: 'B' })
    link.to(200)
    link.tell({ kind: 'endpoint_changed', endpoint: 'C' })
    expect(link.said).toEqual(['0 disconnected chrome_restarted', '0 open 2', '200 close 2', '200 open 3'])
  })

  test('waits 250 ms doubling to 5 s between attempts, and begins at 250 ms again after it was live', () => {
    const link = createLiveLink()
    link.tell({ kind: 'closed', attempt: 1, isBrowserGone: true })
    for (const [attempt, atMs] of [0, 250, 750, 1750].entries()) {
      link.to(atMs)
      link.tell({ kind: 'open_failed', attempt: attempt + 2 })
    }
    link.to(3750)
    link.tell({ kind: 'opened', attempt: 6, endpoint: 'B' })
    link.tell({ kind: 'capture_ready', attempt: 6 })
    link.tell({ kind: 'closed', attempt: 6, isBrowserGone: true })
    link.tell({ kind: 'open_failed', attempt: 7 })
    link.to(4000)
    expect(link.said.filter((line) => line.includes('open'))).toEqual([
      '0 open 2',
      '250 open 3',
      '750 open 4',
      '1750 open 5',
      '3750 open 6',
      '3750 open 7',
      '4000 open 8',
    ])
  })

  test('goes on waiting longer when sockets open but capture never becomes ready', () => {
    const link = createLiveLink()
    link.tell({ kind: 'closed', attempt: 1, isBrowserGone: true })
    for (const [attempt, atMs] of [0, 250, 750].entries()) {
      link.to(atMs)
      link.tell({ kind: 'opened', attempt: attempt + 2, endpoint: 'B' })
      link.tell({ kind: 'closed', attempt: attempt + 2 })
    }
    link.to(1750)
    expect(link.said).toEqual(['0 disconnected chrome_restarted', '0 open 2', '250 open 3', '750 open 4', '1750 open 5'])
  })

  test('gives up at a configured limit, and can be started again', () => {
    const link = createLiveLink(2)
    link.tell({ kind: 'closed', attempt: 1 })
    link.tell({ kind: 'open_failed', attempt: 2 })
    link.to(250)
    link.tell({ kind: 'open_failed', attempt: 3 })
    link.to(60_000)
    link.tell({ kind: 'start' })
    expect(link.said).toEqual(['0 open 2', '0 disconnected chrome_restarted', '250 open 3', '250 reconnect_failed after 2', '60000 open 4'])
  })
})

describe('the probe', () => {
  test('asks only while no messages flow, and an unanswered question is a loss after 5 s', () => {
    const link = createLiveLink()
    for (let atMs = 0; atMs <= 20_000; atMs += 1000) {
      link.to(atMs)
      link.hear()
    }
    link.to(40_000)
    expect(link.said).toEqual(['25000 probe 1', '30000 close 1', '30000 disconnected protocol_stalled', '30000 open 2'])
  })

  test('is not answered by a message of the moment in which it was sent', () => {
    const link = createLiveLink()
    link.to(5000)
    link.hear()
    link.to(10_000)
    expect(link.said).toEqual(['5000 probe 1', '10000 close 1', '10000 disconnected protocol_stalled', '10000 open 2'])
  })

  test('is answered by any message', () => {
    const link = createLiveLink()
    link.to(5100)
    link.hear()
    link.to(11_000)
    link.hear()
    link.to(15_000)
    expect([link.said, link.at()]).toEqual([['5000 probe 1', '10100 probe 1'], 'live'])
  })

  test('asks again when this process was stopped while it waited for the answer', () => {
    const link = createLiveLink()
    link.to(5000)
    link.stoppedTo(60_000)
    link.to(65_000)
    expect(link.said).toEqual(['5000 probe 1', '60000 probe 1', '65000 close 1', '65000 disconnected protocol_stalled', '65000 open 2'])
  })

  test('also finds a connection that stalls before capture is ready', () => {
    const link = createLink()
    link.tell({ kind: 'start' })
    link.tell({ kind: 'opened', attempt: 1, endpoint: 'A' })
    link.to(10_250)
    expect(link.said).toEqual(['0 open 1', '5000 probe 1', '10000 close 1', '10250 open 2'])
  })
})

describe('stop', () => {
  test('closes what is open and leaves no timer, in every state', () => {
    const stops = (['start', 'opened', 'live', 'closed', 'open_failed'] as const).map((last) => {
      const link = last === 'start' || last === 'opened' ? createLink() : createLiveLink()
      if (last === 'start' || last === 'opened') link.tell({ kind: 'start' })
      if (last === 'opened') link.tell({ kind: 'opened', attempt: 1, endpoint: 'A' })
      if (last === 'closed' || last === 'open_failed') link.tell({ kind: 'closed', attempt: 1, isBrowserGone: true })
      if (last === 'open_failed') link.tell({ kind: 'open_failed', attempt: 2 })
      link.said.length = 0
      link.tell({ kind: 'stop' })
      return [last, ...link.said, link.clock.pendingTimers()]
    })
    expect(stops).toEqual([
      ['start', '0 close 1', 0],
      ['opened', '0 close 1', 0],
      ['live', '0 close 1', 0],
      ['closed', '0 close 2', 0],
      ['open_failed', 0],
    ])
  })
})

describe('any input in any state', () => {
  test('keeps the promises: told losses and returns alternate, one socket at a time, refusals by name', () => {
    const attempt = fc.integer({ min: 1, max: 12 })
    const endpoint = fc.constantFrom('A', 'B')
    const input = fc.oneof(
      fc.record({ kind: fc.constantFrom('start' as const, 'stop' as const, 'wake' as const) }),
      fc.record({ kind: fc.constantFrom('opened' as const, 'endpoint_read' as const), attempt, endpoint }),
      fc.record({ kind: fc.constantFrom('open_failed' as const, 'capture_ready' as const, 'closed' as const), attempt }),
      fc.record({ kind: fc.constant('endpoint_changed' as const), endpoint }),
    )
    fc.assert(
      fc.property(fc.array(fc.tuple(input, fc.constantFrom(0, 10, 300, 5000)), { maxLength: 80 }), (script) => {
        let state = createLinkState({ attemptLimit: 3 })
        let atMs = 0
        let told: string | undefined
        for (const [untimed, afterMs] of [[{ kind: 'start' as const }, 0] as const, ...script]) {
          atMs += afterMs
          // Most attempts are about the current one, or the machine would refuse nearly everything.
          const current = 'attempt' in untimed && untimed.attempt > 2 ? { ...untimed, attempt: state.phase.attempt } : untimed
          const step = stepLink(state, { ...current, atMs } as LinkInput)
          for (const output of step.outputs) {
            if (output.kind === 'disconnected') {
              expect(told).not.toBe('disconnected')
              told = 'disconnected'
            }
            if (output.kind === 'reconnected' || output.kind === 'reconnect_failed') {
              expect(told).toBe('disconnected')
              told = 'reconnected'
            }
            if (output.kind === 'open') expect(output.attempt).toBe(state.phase.attempt + 1)
          }
          if (step.wakeAtMs !== undefined && step.refused === undefined && current.kind === 'wake')
            expect(step.wakeAtMs).toBeGreaterThan(atMs)
          if (current.kind === 'stop') told = undefined
          state = step.state
        }
      }),
      { numRuns: 500 },
    )
  })
})
