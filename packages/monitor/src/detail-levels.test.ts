// What each detail level adds is data of the registry: recordings played at every level bring no field of a higher one, and those that the
// level adds.
import { type DetailLevel, definitionOf, detailLevels, detailRank, fieldsOf } from '@tabscope/schema'
import { describe, expect, test } from 'vitest'
import type { Behaviour } from './testing/behaviour.ts'
import { behaviours } from './testing/behaviours.ts'
import type { AnyDraft } from './testing/captured.ts'
import { replayBehaviour } from './testing/recorded.ts'

function at(level: DetailLevel, name: string): Behaviour {
  const behaviour = behaviours.find((known) => known.name === name)
  if (behaviour === undefined) throw new Error(`no behaviour ${name}`)
  const category = { detail_level: level }
  return { ...behaviour, categories: { console: category, network: category, page: category } }
}

// `type.field` of everything that came, with the level from which on the registry has it.
function fieldLevels(drafts: readonly AnyDraft[]): ReadonlyMap<string, DetailLevel> {
  const levels = new Map<string, DetailLevel>()
  for (const { type, data } of drafts) {
    const definition = definitionOf(type)
    if (definition === undefined) throw new Error(`${type} is not in the registry`)
    levels.set(type, definition.detail)
    for (const { name, notes } of fieldsOf(definition)) {
      if ((data as Readonly<Record<string, unknown>>)[name] !== undefined) levels.set(`${type}.${name}`, notes.detail ?? 'minimal')
    }
  }
  return levels
}

const recordings = ['page-load', 'console-calls', 'redirect-chain', 'sockets', 'failed-requests', 'dialogs-and-downloads']

describe.each(recordings)('%s', (name) => {
  test.each(detailLevels)('at %s has no field of a higher level', async (level) => {
    const { drafts } = await replayBehaviour(at(level, name))
    const levels = [...fieldLevels(drafts)]
    expect(levels.length).toBeGreaterThan(10)
    expect(levels.filter(([, from]) => detailRank(from) > detailRank(level))).toEqual([])
  })
})

// Of the fields that a level adds, those that the recordings show.
async function addedAt(level: DetailLevel): Promise<readonly string[]> {
  const all = await Promise.all(recordings.map((name) => replayBehaviour(at(level, name))))
  const levels = fieldLevels(all.flatMap(({ drafts }) => drafts))
  return [...levels]
    .filter(([name, from]) => from === level && !name.endsWith('.cdp'))
    .map(([name]) => name)
    .sort()
}

test('standard adds headers, bodies, post data, timing and the stacks of errors', async () => {
  expect(await addedAt('standard')).toEqual([
    'console_error.stack_trace',
    'network_request.headers',
    'network_response.body',
    'network_response.body_absent_reason',
    'network_response.headers',
    'network_response.request_headers',
    'network_response.timing',
    'network_websocket_opened.headers',
  ])
})

test('verbose adds stacks, previews and the messages of sockets', async () => {
  expect(await addedAt('verbose')).toEqual([
    'console_error.args_preview',
    'console_log.args_preview',
    'console_log.stack_trace',
    'network_event_source_message',
    'network_request.initiator_stack',
    'network_websocket_closed.frames_received',
    'network_websocket_closed.frames_sent',
    'network_websocket_frame',
  ])
})

test('raw adds the parameters of the CDP message to each event that one message caused', async () => {
  const { drafts } = await replayBehaviour(at('raw', 'page-load'))
  const without = drafts.filter((draft) => (draft.data as { cdp?: unknown }).cdp === undefined)
  const computed = ['network_idle', 'page_layout_settled', 'page_navigation_settled']
  const targets = ['page_tab_opened', 'page_tab_closed']
  expect(new Set(without.map(({ type }) => type))).toEqual(
    new Set([...computed, ...targets].filter((type) => without.some((draft) => draft.type === type))),
  )
  const cdpOf = (wanted: string): unknown => (drafts.find(({ type }) => type === wanted)?.data as { cdp?: unknown } | undefined)?.cdp
  expect(cdpOf('page_load')).toEqual({ timestamp: expect.any(Number) })
  expect(cdpOf('network_response')).toMatchObject({ requestId: expect.any(String), response: { status: 200 } })
})
