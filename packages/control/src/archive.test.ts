// The past of ended browsers, against a real S2: what the folder has, what it lost to retention, and folders that are gone.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type LogLimits, openEventLog } from '@tabscope/log'
import { type ForeignDraft, systemClock } from '@tabscope/schema'
import { browserStreamName, createForgetfulCheckpoint, createS2Sink, type PastRequest, startPump } from '@tabscope/sinks'
import { describeWithS2, type S2Lite, startS2Lite, startTcpProxy } from '@tabscope/sinks/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Archive, createArchive, type EndedPlace } from './archive.ts'

const never = new AbortController().signal
const count = 300

function line(text: string): ForeignDraft {
  return { type: 'console_log', category: 'console', detailLevel: 'standard', source: { kind: 'local_process' }, data: { text } }
}

interface Ended extends AsyncDisposable {
  readonly place: EndedPlace
  readonly oldestSeq: number
}

/** What a browser's server leaves behind: everything in S2, on disk what the bounds let it keep. */
async function endedBrowser(lite: S2Lite, id: string, limits: Partial<LogLimits> = {}): Promise<Ended> {
  const directory = await mkdtemp(join(tmpdir(), 'tabscope-archive-'))
  const log = await openEventLog({ directory, clock: systemClock, limits: { batchMs: 1, ...limits } })
  const settings = lite.settings(browserStreamName(id))
  const sink = createS2Sink({ settings, log, clock: systemClock })
  const pump = startPump({ log, sink, checkpoint: createForgetfulCheckpoint(), clock: systemClock })
  while (log.seq < count) {
    for (let turn = 0; turn < 50; turn++) log.append(line(`${log.seq + 1}${'x'.repeat(100)}`), 'capture-of-a-test')
    await log.flush()
    // Retention must not be quicker than S2: this is about what is read, not about what is lost.
    while (pump.state().doneSeq < log.seq) await new Promise((resolve) => setImmediate(resolve))
  }
  await pump.close()
  const { oldestSeq } = log
  await log.close()
  return { place: { id, directory }, oldestSeq, [Symbol.asyncDispose]: () => rm(directory, { recursive: true, force: true }) }
}

/** Every page from the first one on. */
async function walk(archive: Archive, place: EndedPlace, asked: Pick<PastRequest, 'limit' | 'order'>): Promise<readonly number[]> {
  const seqs: number[] = []
  for (let offset: number | undefined, isOver = false; !isOver; ) {
    const page = await archive.read(place, { ...asked, offset }, never)
    expect(page.records.length).toBeGreaterThan(0)
    seqs.push(...page.records.map(({ seq }) => seq))
    offset = page.nextOffset
    isOver = offset === undefined
  }
  return seqs
}

describeWithS2('the archive of ended browsers', () => {
  let lite: S2Lite

  beforeAll(async () => {
    lite = await startS2Lite()
  })

  afterAll(() => lite[Symbol.asyncDispose]())

  const archiveAt = (port: number): Archive => {
    const { stream: _, ...s2 } = lite.settings('', port)
    return createArchive({ clock: systemClock, s2 })
  }
  const all = Array.from({ length: count }, (_, index) => index + 1)

  test('what retention took from the folder is read from S2, each event once in either order', async () => {
    await using ended = await endedBrowser(lite, 'retained', { segmentBytes: 8_000, retentionBytes: 24_000 })
    expect(ended.oldestSeq).toBeGreaterThan(1)
    const archive = archiveAt(lite.port)
    expect(await walk(archive, ended.place, { limit: 70, order: 'asc' })).toEqual(all)
    expect(await walk(archive, ended.place, { limit: 70, order: 'desc' })).toEqual([...all].reverse())
  })

  test.each(['segments', ''])('a folder whose events are gone (%s) is read from S2 as a whole', async (gone) => {
    await using ended = await endedBrowser(lite, `gone${gone}`)
    await rm(join(ended.place.directory, gone), { recursive: true })
    expect(await walk(archiveAt(lite.port), ended.place, { limit: 100, order: 'asc' })).toEqual(all)
  })

  test('while the folder has everything, S2 is not asked; when it has not and S2 is away, the error says so', async () => {
    await using proxy = await startTcpProxy(lite.port)
    await using whole = await endedBrowser(lite, 'whole')
    await using part = await endedBrowser(lite, 'part', { segmentBytes: 8_000, retentionBytes: 24_000 })
    proxy.refuse()
    const archive = archiveAt(proxy.port)
    expect(await walk(archive, whole.place, { limit: 300, order: 'asc' })).toEqual(all)
    const oldest = archive.read(part.place, { limit: 10, order: 'asc' }, never)
    await expect(oldest).rejects.toMatchObject({ code: 'archive_unreachable' })
    const newest = await archive.read(part.place, { limit: 10, order: 'desc' }, never)
    expect(newest.records.map(({ seq }) => seq)).toEqual([...all].reverse().slice(0, 10))
  })
})

test('without S2 a folder whose events are gone has none', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'tabscope-archive-'))
  const archive = createArchive({ clock: systemClock, s2: undefined })
  expect(await archive.read({ id: 'none', directory }, { limit: 10, order: 'asc' }, never)).toEqual({ records: [] })
  await rm(directory, { recursive: true })
})
