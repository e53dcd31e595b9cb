// Readers against a simple model: whatever is appended, flushed, removed, lost in a crash or refused by the disk, each reader is
// told every number once and in order, as a record or as part of a gap, and records are the right ones.
import type { EventFilter } from '@tabscope/schema'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { EventLog } from './event-log.ts'
import type { LogLimits } from './log-limits.ts'
import type { LogReader } from './reader.ts'
import { consoleDraft, sessionId } from './testing/drafts.ts'
import { createRandom } from './testing/random.ts'
import { createWorld, type World } from './testing/world.ts'

const limits: Partial<LogLimits> = {
  ringRecords: 4,
  queueBytes: 6_000,
  segmentBytes: 1_200,
  batchMostBytes: 900,
  retentionBytes: 9_000,
  reservedNumbers: 40,
  slabBytes: 2_048,
}

type Action =
  | { readonly at: 'append'; readonly count: number; readonly target: number }
  | { readonly at: 'flush' }
  | { readonly at: 'refuse' }
  | { readonly at: 'allow' }
  | { readonly at: 'stop' }
  | { readonly at: 'crash' }
  | { readonly at: 'open'; readonly from: number; readonly target: number; readonly durableOnly: boolean }
  | { readonly at: 'read'; readonly reader: number; readonly maxBytes: number }

const runs = Number(process.env['READER_MODEL_RUNS'] ?? 150)
const target = fc.integer({ min: 0, max: 2 })
const action: fc.Arbitrary<Action> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ at: fc.constant('append' as const), count: fc.integer({ min: 1, max: 9 }), target }) },
  { weight: 3, arbitrary: fc.constant({ at: 'flush' } as const) },
  { weight: 1, arbitrary: fc.constant({ at: 'refuse' } as const) },
  { weight: 2, arbitrary: fc.constant({ at: 'allow' } as const) },
  { weight: 1, arbitrary: fc.constant({ at: 'stop' } as const) },
  { weight: 1, arbitrary: fc.constant({ at: 'crash' } as const) },
  {
    weight: 2,
    arbitrary: fc.record({ at: fc.constant('open' as const), from: fc.integer({ min: 0, max: 60 }), target, durableOnly: fc.boolean() }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      at: fc.constant('read' as const),
      reader: fc.integer({ min: 0, max: 9 }),
      maxBytes: fc.constantFrom(1, 700, 100_000),
    }),
  },
)

/** A reader that outlives its log as a client outlives a server: it comes back with its cursor. */
interface Client {
  readonly filter: EventFilter | undefined
  readonly durableOnly: boolean
  reader: LogReader
  /** Everything up to this number was told. */
  cursor: number
}

interface Model {
  world: World
  log: EventLog
  /** Target by number; undefined for a number that was given but never shown and may be given again. */
  readonly targets: Map<number, string>
  readonly clients: Client[]
}

function filterOf(number: number): EventFilter | undefined {
  return number === 0 ? undefined : { targetIds: new Set([`TAB${number}`]) }
}

async function openClient(model: Model, { from, target: number, durableOnly }: Extract<Action, { at: 'open' }>): Promise<void> {
  const filter = filterOf(number)
  const reader = model.log.reader({ from: { at: 'after', seq: from }, durableOnly, ...(filter === undefined ? {} : { filter }) })
  const cursor = reader.cursor
  if (cursor !== from) expect(await reader.read(1)).toEqual({ at: 'gap', gap: { from: from + 1, reason: 'ahead' }, cursor })
  model.clients.push({ filter, durableOnly, reader, cursor })
}

function checkSkipped(model: Model, client: Client, to: number): void {
  for (let seq = client.cursor + 1; seq <= to; seq++) {
    const tab = model.targets.get(seq)
    // Only what the filter leaves out may be passed over without a word.
    if (tab === undefined || client.filter === undefined || client.filter.targetIds?.has(tab))
      throw new Error(`${seq} was skipped in silence`)
  }
}

/** What lies on disk, as a person with grep would see it. */
async function numbersOnDisk({ files }: World): Promise<number[]> {
  const names = (await files.list('/data/segments')).filter((name) => name.endsWith('.jsonl'))
  const lines = names.flatMap((name) => files.content(`/data/segments/${name}`)?.toString().split('\n') ?? [])
  return lines.filter((line) => line !== '').map((line) => JSON.parse(line).seq)
}

// A gap must be true: nothing in it can be read any more.
async function checkGap(model: Model, { from, to }: { readonly from: number; readonly to: number }): Promise<void> {
  const onDisk = (await numbersOnDisk(model.world)).filter((seq) => seq >= from && seq <= to && seq >= model.log.oldestSeq)
  const inMemory = model.log.readLive(to - 1, 1)
  expect([onDisk, inMemory]).toEqual([[], undefined])
}

async function readOnce(model: Model, client: Client, maxBytes: number): Promise<boolean> {
  const result = await client.reader.read(maxBytes)
  if (result.at === 'gap') {
    if (result.gap.from > client.cursor + 1) checkSkipped(model, client, result.gap.from - 1)
    expect(result.gap.from).toBeGreaterThan(client.cursor)
    expect(result.gap.to).toBeGreaterThanOrEqual(result.gap.from)
    expect(result.cursor).toBe(result.gap.to)
    await checkGap(model, { from: result.gap.from, to: result.cursor })
  } else if (result.at === 'records') {
    for (const record of result.records) {
      expect(record.seq).toBeGreaterThan(client.cursor)
      expect(record.targetId).toBe(model.targets.get(record.seq))
      if (client.filter !== undefined) expect(client.filter.targetIds?.has(record.targetId ?? '')).toBe(true)
      checkSkipped(model, client, record.seq - 1)
      client.cursor = record.seq
    }
    checkSkipped(model, client, result.cursor)
  } else {
    checkSkipped(model, client, result.cursor)
  }
  client.cursor = result.cursor
  if (client.durableOnly && result.at !== 'caught-up') expect(client.cursor).toBeLessThanOrEqual(model.log.durableSeq)
  return result.at !== 'caught-up'
}

async function restart(model: Model, isCrash: boolean): Promise<void> {
  if (!isCrash) await model.log.close()
  model.world = createWorld(model.world.files.survivors(isCrash ? 'torn' : 'kept', createRandom(model.log.seq)))
  model.log = await model.world.open({ limits })
  for (const client of model.clients) {
    const { filter, durableOnly, cursor } = client
    // A client only knows numbers that it was shown, and none of those may be above what the log knows.
    expect(cursor).toBeLessThanOrEqual(model.log.seq)
    client.reader = model.log.reader({ from: { at: 'after', seq: cursor }, durableOnly, ...(filter === undefined ? {} : { filter }) })
  }
}

async function perform(model: Model, made: Action): Promise<void> {
  if (made.at === 'append') {
    for (let count = 0; count < made.count; count++) {
      const tab = `TAB${(made.target + count) % 3}`
      model.targets.set(model.log.append(consoleDraft('x'.repeat(count * 40), tab), sessionId).seq, tab)
    }
  } else if (made.at === 'flush') await model.log.flush()
  else if (made.at === 'refuse') model.world.files.refuseWrites('ENOSPC')
  else if (made.at === 'allow') model.world.files.refuseWrites(undefined)
  else if (made.at === 'open') await openClient(model, made)
  else if (made.at === 'read') {
    const client = model.clients[made.reader % Math.max(1, model.clients.length)]
    if (client !== undefined) await readOnce(model, client, made.maxBytes)
  } else {
    model.world.files.refuseWrites(undefined)
    await restart(model, made.at === 'crash')
  }
}

test('every reader is told each number once and in order, as a record or in a gap', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(action, { minLength: 20, maxLength: 120 }), async (actions) => {
      const world = createWorld()
      const model: Model = { world, log: await world.open({ limits }), targets: new Map(), clients: [] }
      for (const made of actions) await perform(model, made)
      model.world.files.refuseWrites(undefined)
      await model.log.flush()
      for (const client of model.clients) {
        while (await readOnce(model, client, 5_000));
        expect([client.cursor, model.log.durableSeq]).toEqual([model.log.seq, model.log.seq])
      }
      await model.log.close()
    }),
    { numRuns: runs },
  )
})
