// The specification of settling, told through the machine that a tab owns, with a hand-cranked clock.
import { createManualClock, type ManualClock } from '@tabscope/schema'
import { describe, expect, test } from 'vitest'
import { createSettleState, type SettleInput, type SettleOutput, stepSettle } from './settle.ts'

// The same without `atMs`, which the harness adds from its clock. Distributes over the union.
type Untimed<Input> = Input extends unknown ? Omit<Input, 'atMs'> : never

interface Tab {
  readonly clock: ManualClock
  readonly outputs: SettleOutput[]
  tell(input: Untimed<SettleInput>): void
  /** Moves to `atMs`, sending each wake when it is due. */
  to(atMs: number): void
  /** The same without wakes, as if the process had been stopped. */
  stoppedTo(atMs: number): void
  refused(): readonly string[]
}

function openTab(): Tab {
  const clock = createManualClock()
  const state = createSettleState()
  const outputs: SettleOutput[] = []
  const refusals: string[] = []
  let cancelTimer = (): void => {}
  let isStopped = false
  const feed = (input: SettleInput): void => {
    const step = stepSettle(state, input)
    outputs.push(...step.outputs)
    if (step.refused !== undefined) refusals.push(`${input.kind}: ${step.refused}`)
    cancelTimer()
    if (step.wakeAtMs !== undefined) cancelTimer = clock.schedule(step.wakeAtMs, wake)
  }
  const wake = (): void => {
    if (!isStopped) feed({ kind: 'wake', atMs: clock.monotonicMs() })
  }
  return {
    clock,
    outputs,
    tell: (input) => feed({ ...input, atMs: clock.monotonicMs() } as SettleInput),
    to: (atMs) => clock.moveTo(atMs),
    stoppedTo: (atMs) => {
      isStopped = true
      clock.moveTo(atMs)
      isStopped = false
    },
    refused: () => refusals,
  }
}

const brief = (outputs: readonly SettleOutput[]): string[] =>
  outputs.map((output) => `${output.atMs} ${output.kind}${output.kind === 'idle' ? ` ${output.idleSeq}` : ''}`)

const document = { kind: 'request_started', key: 'doc', url: 'https://a.test/', resourceType: 'Document', isDocument: true } as const
const script = { kind: 'request_started', key: 's1', url: 'https://a.test/x.js', resourceType: 'Script' } as const
const fetched = (key: string) => ({ kind: 'request_started', key, url: `https://a.test/${key}`, resourceType: 'Fetch' }) as const

/** Commit at 100, document read at 150, parsed at 200, loaded at 300. */
function openLoadedTab(): Tab {
  const tab = openTab()
  tab.tell(document)
  tab.to(100)
  tab.tell({ kind: 'navigated', navSeq: 1, navigationType: 'navigate', documentRequestKey: 'doc' })
  tab.to(150)
  tab.tell({ kind: 'request_ended', key: 'doc' })
  tab.to(200)
  tab.tell({ kind: 'dom_content_loaded' })
  tab.to(300)
  tab.tell({ kind: 'load' })
  return tab
}

describe('an ordinary navigation', () => {
  test('is idle 500 ms after its last request, steady 1 s after load, and settled then', () => {
    const tab = openLoadedTab()
    tab.to(60_000)
    expect(tab.outputs).toEqual([
      { kind: 'idle', atMs: 650, navSeq: 1, idleSeq: 1, lateAttach: false, ignored: [] },
      { kind: 'layout_settled', atMs: 1300, navSeq: 1, navigationType: 'navigate', loadFired: true, lateAttach: false },
      {
        kind: 'navigation_settled',
        atMs: 1300,
        navSeq: 1,
        navigationType: 'navigate',
        domContentLoadedMs: 100,
        networkIdleMs: 550,
        layoutSettledMs: 1200,
        durationMs: 1200,
        timedOut: false,
        waitingFor: [],
        lateAttach: false,
        ignored: [],
      },
    ])
    expect(tab.clock.pendingTimers()).toBe(0)
  })

  test('settles when the network becomes idle after the layout settled', () => {
    const tab = openLoadedTab()
    tab.tell(script)
    tab.to(2000)
    tab.tell({ kind: 'request_ended', key: 's1' })
    tab.to(60_000)
    expect(brief(tab.outputs)).toEqual(['1300 layout_settled', '2500 idle 1', '2500 navigation_settled'])
  })

  test('takes a load without DOMContentLoaded for both, because the second was missed', () => {
    const tab = openTab()
    tab.tell({ kind: 'navigated', navSeq: 1 })
    tab.tell({ kind: 'load' })
    tab.to(60_000)
    expect(brief(tab.outputs)).toEqual(['500 idle 1', '1000 layout_settled', '1000 navigation_settled'])
  })

  test('without any request is idle 500 ms after its commit', () => {
    const tab = openTab()
    tab.tell({ kind: 'navigated', navSeq: 1 })
    tab.to(500)
    expect(brief(tab.outputs)).toEqual(['500 idle 1'])
  })

  test('runs idle before the layout when both are due at the same moment', () => {
    const tab = openLoadedTab()
    tab.tell(script)
    tab.to(800)
    tab.tell({ kind: 'request_ended', key: 's1' })
    tab.to(60_000)
    expect(brief(tab.outputs)).toEqual(['1300 idle 1', '1300 layout_settled', '1300 navigation_settled'])
  })
})

describe('network idle', () => {
  test('comes again after each later burst, with the next number', () => {
    const tab = openLoadedTab()
    for (const atMs of [2000, 5000, 9000]) {
      tab.to(atMs)
      tab.tell(fetched(`f${atMs}`))
      tab.to(atMs + 100)
      tab.tell({ kind: 'request_ended', key: `f${atMs}` })
    }
    tab.to(60_000)
    expect(brief(tab.outputs.filter(({ kind }) => kind === 'idle'))).toEqual(['650 idle 1', '2600 idle 2', '5600 idle 3', '9600 idle 4'])
  })

  test('is put off by a request within the 500 ms, and by each of several that overlap', () => {
    const tab = openLoadedTab()
    tab.to(600)
    tab.tell(fetched('f1'))
    tab.to(700)
    tab.tell(fetched('f2'))
    tab.to(800)
    tab.tell({ kind: 'request_ended', key: 'f1' })
    tab.to(1400)
    tab.tell({ kind: 'request_ended', key: 'f2' })
    tab.to(60_000)
    expect(brief(tab.outputs)).toEqual(['1300 layout_settled', '1900 idle 1', '1900 navigation_settled'])
  })

  test('does not wait for a request older than 10 s, which is listed with its age while it is open', () => {
    const tab = openLoadedTab()
    tab.tell({ ...fetched('hung'), url: 'https://a.test/hung?x=1' })
    tab.to(20_000)
    tab.tell(fetched('f1'))
    tab.to(20_100)
    tab.tell({ kind: 'request_ended', key: 'f1' })
    tab.to(30_000)
    tab.tell({ kind: 'request_ended', key: 'hung' })
    tab.tell(fetched('f2'))
    tab.tell({ kind: 'request_ended', key: 'f2' })
    tab.to(60_000)
    const hung = (ageMs: number) => ({ url: 'https://a.test/hung?x=1', resource_type: 'Fetch', age_ms: ageMs })
    expect(tab.outputs.flatMap((output) => ('ignored' in output ? [[output.atMs, output.kind, output.ignored]] : []))).toEqual([
      [10_800, 'idle', [hung(10_500)]],
      [10_800, 'navigation_settled', [hung(10_500)]],
      [20_600, 'idle', [hung(20_300)]],
      [30_500, 'idle', []],
    ])
  })

  test('does not wait for a body that nobody reads, once all announced bytes are there', () => {
    const tab = openLoadedTab()
    tab.tell(fetched('unread'))
    tab.to(400)
    tab.tell({ kind: 'headers_received', key: 'unread', expectedBytes: 1000 })
    tab.tell({ kind: 'bytes_received', key: 'unread', encodedBytes: 600 })
    tab.to(450)
    tab.tell({ kind: 'bytes_received', key: 'unread', encodedBytes: 400 })
    tab.to(1000)
    expect(brief(tab.outputs)).toEqual(['950 idle 1'])
  })

  test('treats a response that goes silent after its headers as quiet after 10 s', () => {
    const tab = openLoadedTab()
    tab.tell(fetched('unread'))
    tab.tell({ kind: 'headers_received', key: 'unread' })
    tab.tell({ kind: 'bytes_received', key: 'unread', encodedBytes: 600 })
    tab.to(60_000)
    expect(brief(tab.outputs)).toEqual(['1300 layout_settled', '10800 idle 1', '10800 navigation_settled'])
  })

  test('is never before the document has been read, unless that takes more than 10 s', () => {
    const read = openTab()
    read.tell(document)
    read.tell({ kind: 'navigated', navSeq: 1, documentRequestKey: 'doc' })
    read.to(4000)
    read.tell({ kind: 'request_ended', key: 'doc' })
    read.to(4600)
    const streaming = openTab()
    streaming.tell(document)
    streaming.to(3000)
    streaming.tell({ kind: 'navigated', navSeq: 1, documentRequestKey: 'doc' })
    streaming.to(20_000)
    expect([brief(read.outputs), brief(streaming.outputs)]).toEqual([['4500 idle 1'], ['10500 idle 1']])
  })

  test('waits for a document whose request was not seen until its end, its DOMContentLoaded, or 10 s', () => {
    const begin = (): Tab => {
      const tab = openTab()
      tab.tell({ kind: 'navigated', navSeq: 1, documentRequestKey: 'doc' })
      tab.to(3000)
      return tab
    }
    const ended = begin()
    ended.tell({ kind: 'request_ended', key: 'doc' })
    const parsed = begin()
    parsed.tell({ kind: 'dom_content_loaded' })
    const neither = begin()
    for (const tab of [ended, parsed, neither]) tab.to(12_000)
    expect([ended, parsed, neither].map((tab) => brief(tab.outputs.slice(0, 1)))).toEqual([
      ['3500 idle 1'],
      ['3500 idle 1'],
      ['10500 idle 1'],
    ])
  })

  test('knows a document that was read before its navigation committed', () => {
    const tab = openTab()
    tab.tell(document)
    tab.tell({ kind: 'request_ended', key: 'doc' })
    tab.tell({ kind: 'navigated', navSeq: 1, documentRequestKey: 'doc' })
    tab.to(1000)
    expect(brief(tab.outputs)).toEqual(['500 idle 1'])
  })

  test('follows a redirect chain: each hop ends when the next begins', () => {
    const tab = openTab()
    tab.tell({ ...document, key: 'doc/0' })
    tab.to(3000)
    tab.tell({ kind: 'request_ended', key: 'doc/0' })
    tab.tell({ ...document, key: 'doc/1' })
    tab.to(4000)
    tab.tell({ kind: 'navigated', navSeq: 1, documentRequestKey: 'doc/1' })
    tab.to(5000)
    tab.tell({ kind: 'request_ended', key: 'doc/1' })
    tab.to(6000)
    expect(brief(tab.outputs)).toEqual(['5500 idle 1'])
  })

  test('keeps counting a request that moves to the session of an out-of-process iframe or worker, with its age', () => {
    const tab = openLoadedTab()
    tab.tell(fetched('parent:1'))
    tab.to(5000)
    tab.tell({ kind: 'request_moved', fromKey: 'parent:1', toKey: 'child:1' })
    tab.tell(fetched('f2'))
    tab.to(11_000)
    tab.tell({ kind: 'request_ended', key: 'child:1' })
    tab.tell({ kind: 'request_ended', key: 'f2' })
    tab.to(20_000)
    expect(tab.outputs.filter(({ kind }) => kind === 'idle')).toEqual([
      { kind: 'idle', atMs: 11_500, navSeq: 1, idleSeq: 1, lateAttach: false, ignored: [] },
    ])
  })

  test('knows a document under its new key when it moved, seen or not', () => {
    const seen = openTab()
    seen.tell(document)
    seen.tell({ kind: 'request_moved', fromKey: 'doc', toKey: 'moved' })
    seen.tell({ kind: 'request_ended', key: 'moved' })
    seen.tell({ kind: 'navigated', navSeq: 1, documentRequestKey: 'moved' })
    const unseen = openTab()
    unseen.tell({ kind: 'navigated', navSeq: 1, documentRequestKey: 'doc' })
    unseen.tell({ kind: 'request_moved', fromKey: 'doc', toKey: 'moved' })
    unseen.to(2000)
    unseen.tell({ kind: 'request_ended', key: 'moved' })
    for (const tab of [seen, unseen]) tab.to(3000)
    expect([brief(seen.outputs), brief(unseen.outputs)]).toEqual([['500 idle 1'], ['2500 idle 1']])
  })

  test('no longer lists a request that moved after it was given up, once it ended', () => {
    const tab = openLoadedTab()
    tab.tell(fetched('hung'))
    tab.to(11_000)
    tab.tell({ kind: 'request_moved', fromKey: 'hung', toKey: 'child' })
    tab.tell(fetched('f1'))
    tab.tell({ kind: 'request_ended', key: 'f1' })
    tab.to(12_000)
    tab.tell({ kind: 'request_ended', key: 'child' })
    tab.tell(fetched('f2'))
    tab.tell({ kind: 'request_ended', key: 'f2' })
    tab.to(60_000)
    expect(tab.outputs.flatMap((output) => (output.kind === 'idle' ? [[output.idleSeq, output.ignored.length]] : []))).toEqual([
      [1, 1],
      [2, 1],
      [3, 0],
    ])
  })

  test('is told to the navigation once: later bursts do not move its time', () => {
    const tab = openLoadedTab()
    for (const atMs of [1000, 1900]) {
      tab.to(atMs)
      tab.tell({ kind: 'layout_shift' })
      tab.tell(fetched('f1'))
      tab.tell({ kind: 'request_ended', key: 'f1' })
    }
    tab.to(60_000)
    const settled = tab.outputs.find((output) => output.kind === 'navigation_settled')
    expect([brief(tab.outputs), settled?.networkIdleMs]).toEqual([
      ['650 idle 1', '1500 idle 2', '2400 idle 3', '2900 layout_settled', '2900 navigation_settled'],
      550,
    ])
  })

  test('forgets the requests of a session that is gone', () => {
    const tab = openLoadedTab()
    tab.tell(fetched('w1'))
    tab.tell(fetched('w2'))
    tab.to(1000)
    tab.tell({ kind: 'session_gone', keys: ['w1', 'w2', 'unknown'] })
    tab.to(1500)
    expect(brief(tab.outputs)).toEqual(['1300 layout_settled', '1500 idle 1', '1500 navigation_settled'])
  })

  test('does not count a request that the caller vetoes, or whose kind never counts', () => {
    const tab = openLoadedTab()
    tab.tell({ ...fetched('vetoed'), counted: false })
    tab.tell({ ...fetched('stream'), resourceType: 'EventSource' })
    tab.to(650)
    expect(brief(tab.outputs)).toEqual(['650 idle 1'])
  })

  test('stays bounded under a flood: the oldest requests are not waited for, and fewer are listed', () => {
    const tab = openLoadedTab()
    for (let index = 0; index < 5000; index++) tab.tell(fetched(`flood${index}`))
    for (let index = 3000; index < 5000; index++) tab.tell({ kind: 'request_ended', key: `flood${index}` })
    tab.to(1000)
    const [idle] = tab.outputs
    expect({ atMs: idle?.atMs, listed: idle !== undefined && 'ignored' in idle ? idle.ignored.length : 0 }).toEqual({
      atMs: 800,
      listed: 50,
    })
  })
})

describe('the layout', () => {
  test('settles 1 s after the last shift', () => {
    const tab = openLoadedTab()
    tab.to(1200)
    tab.tell({ kind: 'layout_shift' })
    tab.to(2100)
    tab.tell({ kind: 'layout_shift' })
    tab.to(60_000)
    expect(brief(tab.outputs)).toEqual(['650 idle 1', '3100 layout_settled', '3100 navigation_settled'])
  })

  test('ignores shifts before load and after it has settled', () => {
    const tab = openTab()
    tab.tell({ kind: 'navigated', navSeq: 1 })
    tab.tell({ kind: 'layout_shift' })
    tab.tell({ kind: 'dom_content_loaded' })
    tab.tell({ kind: 'layout_shift' })
    tab.tell({ kind: 'load' })
    tab.to(1000)
    tab.tell({ kind: 'layout_shift' })
    tab.to(60_000)
    expect(brief(tab.outputs)).toEqual(['500 idle 1', '1000 layout_settled', '1000 navigation_settled'])
  })

  test('is judged without load when that has not come 10 s after DOMContentLoaded', () => {
    const tab = openTab()
    tab.tell({ kind: 'navigated', navSeq: 1 })
    tab.to(200)
    tab.tell({ kind: 'dom_content_loaded' })
    tab.to(10_900)
    tab.tell({ kind: 'layout_shift' })
    tab.to(60_000)
    expect(tab.outputs.map((output) => [output.atMs, output.kind, 'loadFired' in output ? output.loadFired : undefined])).toEqual([
      [500, 'idle', undefined],
      [11_900, 'layout_settled', false],
      [11_900, 'navigation_settled', undefined],
    ])
  })

  test('is not put off by a second load or DOMContentLoaded of the same document', () => {
    const tab = openLoadedTab()
    tab.to(900)
    tab.tell({ kind: 'load' })
    tab.tell({ kind: 'dom_content_loaded' })
    tab.to(60_000)
    expect([brief(tab.outputs), tab.refused()]).toEqual([
      ['650 idle 1', '1300 layout_settled', '1300 navigation_settled'],
      ['load: repeated', 'dom_content_loaded: repeated'],
    ])
  })

  test('begins its second anew when load comes after all, but not once it has settled', () => {
    const begin = (loadAtMs: number): Tab => {
      const tab = openTab()
      tab.tell({ kind: 'navigated', navSeq: 1 })
      tab.tell({ kind: 'dom_content_loaded' })
      tab.to(loadAtMs)
      tab.tell({ kind: 'load' })
      tab.to(60_000)
      return tab
    }
    const [inTime, tooLate] = [begin(10_400), begin(12_000)]
    const layout = (tab: Tab) =>
      tab.outputs.flatMap((output) => (output.kind === 'layout_settled' ? [[output.atMs, output.loadFired]] : []))
    expect([layout(inTime), layout(tooLate), tooLate.refused()]).toEqual([[[11_400, true]], [[11_000, false]], ['load: too_late']])
  })
})

describe('the cap', () => {
  test('settles after 30 s and says what it still waits for; the layout is told when it settles after that', () => {
    const tab = openTab()
    tab.tell({ kind: 'navigated', navSeq: 7, navigationType: 'reload' })
    tab.to(29_900)
    tab.tell(fetched('f1'))
    tab.to(40_000)
    tab.tell({ kind: 'dom_content_loaded' })
    tab.tell({ kind: 'load' })
    tab.to(60_000)
    expect(tab.outputs.slice(1)).toEqual([
      {
        kind: 'navigation_settled',
        atMs: 30_000,
        navSeq: 7,
        navigationType: 'reload',
        domContentLoadedMs: undefined,
        networkIdleMs: 500,
        layoutSettledMs: undefined,
        durationMs: 30_000,
        timedOut: true,
        waitingFor: ['page_dom_content_loaded', 'page_layout_settled'],
        lateAttach: false,
        ignored: [],
      },
      {
        kind: 'idle',
        atMs: 40_400,
        navSeq: 7,
        idleSeq: 2,
        lateAttach: false,
        ignored: [{ ...{ url: 'https://a.test/f1', resource_type: 'Fetch' }, age_ms: 10_500 }],
      },
      { kind: 'layout_settled', atMs: 41_000, navSeq: 7, navigationType: 'reload', loadFired: true, lateAttach: false },
    ])
  })

  test('is reached by a page that never stops shifting', () => {
    const tab = openLoadedTab()
    for (let atMs = 1000; atMs < 40_000; atMs += 900) {
      tab.to(atMs)
      tab.tell({ kind: 'layout_shift' })
    }
    expect(
      tab.outputs.flatMap((output) => (output.kind === 'navigation_settled' ? [[output.atMs, output.timedOut, output.waitingFor]] : [])),
    ).toEqual([[30_100, true, ['page_layout_settled']]])
  })

  test('is reached by a page that polls without a pause of 500 ms', () => {
    const tab = openLoadedTab()
    for (let atMs = 400; atMs < 40_000; atMs += 400) {
      tab.to(atMs)
      tab.tell(fetched(`poll${atMs}`))
      tab.tell({ kind: 'request_ended', key: `poll${atMs}` })
    }
    expect(
      tab.outputs.flatMap((output) => (output.kind === 'navigation_settled' ? [[output.atMs, output.timedOut, output.waitingFor]] : [])),
    ).toEqual([[30_100, true, ['network_idle']]])
  })
})

describe('a new beginning', () => {
  test('drops everything of the old navigation, also what was due at that very moment', () => {
    const tab = openLoadedTab()
    tab.tell(script)
    tab.stoppedTo(1300)
    tab.tell({ kind: 'navigated', navSeq: 2 })
    tab.to(60_000)
    expect(tab.outputs.map(({ atMs, kind, navSeq }) => [atMs, kind, navSeq])).toEqual([
      [1800, 'idle', 2],
      [31_300, 'navigation_settled', 2],
    ])
  })

  test('keeps only the requests of the new document: its own, and those with its loader', () => {
    const tab = openLoadedTab()
    tab.tell({ ...fetched('old'), loaderId: 'L1' })
    tab.tell({ ...fetched('pageshow'), loaderId: 'L2' })
    tab.to(400)
    tab.tell({ kind: 'navigated', navSeq: 2, navigationType: 'bfcache_restore', loaderId: 'L2' })
    tab.to(2000)
    tab.tell({ kind: 'request_ended', key: 'pageshow' })
    tab.to(60_000)
    expect(brief(tab.outputs)).toEqual(['1400 layout_settled', '2500 idle 1', '2500 navigation_settled'])
  })

  test('by a bfcache restore settles without DOMContentLoaded, load or a document request', () => {
    const tab = openLoadedTab()
    tab.to(500)
    tab.tell({ kind: 'navigated', navSeq: 2, navigationType: 'bfcache_restore', documentRequestKey: 'never sent' })
    tab.to(60_000)
    expect(tab.outputs).toEqual([
      { kind: 'idle', atMs: 1000, navSeq: 2, idleSeq: 1, lateAttach: false, ignored: [] },
      { kind: 'layout_settled', atMs: 1500, navSeq: 2, navigationType: 'bfcache_restore', loadFired: undefined, lateAttach: false },
      {
        kind: 'navigation_settled',
        atMs: 1500,
        navSeq: 2,
        navigationType: 'bfcache_restore',
        domContentLoadedMs: undefined,
        networkIdleMs: 500,
        layoutSettledMs: 1000,
        durationMs: 1000,
        timedOut: false,
        waitingFor: [],
        lateAttach: false,
        ignored: [],
      },
    ])
  })

  test('by cancel leaves no timer and no event, and requests sent before the next navigation still count', () => {
    const tab = openLoadedTab()
    tab.tell({ kind: 'cancel' })
    expect(tab.clock.pendingTimers()).toBe(0)
    tab.tell({ kind: 'load' })
    tab.tell({ kind: 'dom_content_loaded' })
    tab.tell({ kind: 'layout_shift' })
    tab.tell(document)
    tab.to(20_000)
    tab.tell({ kind: 'navigated', navSeq: 2, documentRequestKey: 'doc' })
    tab.to(20_500)
    expect([tab.outputs, tab.refused()]).toEqual([
      [
        {
          kind: 'idle',
          atMs: 20_500,
          navSeq: 2,
          idleSeq: 1,
          lateAttach: false,
          ignored: [{ url: 'https://a.test/', resource_type: 'Document', age_ms: 20_200 }],
        },
      ],
      ['load: no_navigation', 'dom_content_loaded: no_navigation', 'layout_shift: no_navigation'],
    ])
  })
})

describe('a tab that was there before capture', () => {
  test('settles from quiet alone when it was complete, without times that nobody saw', () => {
    const tab = openTab()
    tab.to(1000)
    tab.tell({ kind: 'attached_late', navSeq: 1, readyState: 'complete' })
    tab.to(60_000)
    expect(tab.outputs).toEqual([
      { kind: 'idle', atMs: 1500, navSeq: 1, idleSeq: 1, lateAttach: true, ignored: [] },
      { kind: 'layout_settled', atMs: 2000, navSeq: 1, navigationType: undefined, loadFired: true, lateAttach: true },
      {
        kind: 'navigation_settled',
        atMs: 2000,
        navSeq: 1,
        navigationType: undefined,
        domContentLoadedMs: undefined,
        networkIdleMs: undefined,
        layoutSettledMs: undefined,
        durationMs: undefined,
        timedOut: false,
        waitingFor: [],
        lateAttach: true,
        ignored: [],
      },
    ])
  })

  test('waits for load at most 10 s when it was interactive', () => {
    const tab = openTab()
    tab.tell({ kind: 'attached_late', readyState: 'interactive' })
    tab.to(100)
    tab.tell({ kind: 'dom_content_loaded' })
    tab.to(60_000)
    expect(brief(tab.outputs)).toEqual(['500 idle 1', '11000 layout_settled', '11000 navigation_settled'])
  })

  test('waits for DOMContentLoaded when it was loading, and tells times when the commit is known', () => {
    const tab = openTab()
    tab.to(1000)
    tab.tell({ kind: 'attached_late', readyState: 'loading', committedAtMs: 400 })
    tab.to(3000)
    tab.tell({ kind: 'dom_content_loaded' })
    tab.tell({ kind: 'load' })
    tab.to(60_000)
    expect(tab.outputs.at(-1)).toEqual({
      kind: 'navigation_settled',
      atMs: 4000,
      navSeq: undefined,
      navigationType: undefined,
      domContentLoadedMs: 2600,
      networkIdleMs: 3100,
      layoutSettledMs: 3600,
      durationMs: 3600,
      timedOut: false,
      waitingFor: [],
      lateAttach: true,
      ignored: [],
    })
  })

  test('is idle from when capture began, however long ago it committed', () => {
    const tab = openTab()
    tab.to(20_000)
    tab.tell({ kind: 'attached_late', readyState: 'loading', committedAtMs: 1000 })
    tab.to(21_000)
    expect(brief(tab.outputs)).toEqual(['20500 idle 1'])
  })

  test('that hangs while loading is idle after 10 s and settled after 30 s', () => {
    const tab = openTab()
    tab.tell({ kind: 'attached_late', readyState: 'loading' })
    tab.to(60_000)
    expect(brief(tab.outputs)).toEqual(['10500 idle 1', '30000 navigation_settled'])
  })
})

describe('a process that was stopped', () => {
  test('reads its unread messages before anything that was due counts', () => {
    const tab = openLoadedTab()
    tab.stoppedTo(5000)
    tab.tell({ kind: 'wake' })
    expect(tab.outputs).toEqual([])
    tab.to(5010)
    tab.tell(script)
    tab.tell({ kind: 'layout_shift' })
    tab.to(5400)
    tab.tell({ kind: 'request_ended', key: 's1' })
    tab.to(60_000)
    expect(brief(tab.outputs)).toEqual(['5900 idle 1', '6010 layout_settled', '6010 navigation_settled'])
  })

  test('tells what was due with its own times when no message changed it', () => {
    const tab = openLoadedTab()
    tab.stoppedTo(50_000)
    tab.tell({ kind: 'wake' })
    tab.to(50_249)
    expect(tab.outputs).toEqual([])
    tab.to(50_250)
    expect(brief(tab.outputs)).toEqual(['650 idle 1', '1300 layout_settled', '1300 navigation_settled'])
  })
})
