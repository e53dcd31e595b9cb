import { expect, test } from 'vitest'
import { createStartGate } from './start-gate.ts'

const never = new AbortController().signal

function task(): {
  readonly work: () => Promise<void>
  readonly begun: Promise<void>
  end(): void
  readonly state: { isRunning: boolean }
} {
  const state = { isRunning: false }
  let end = (): void => undefined
  let begin = (): void => undefined
  const ended = new Promise<void>((resolve) => {
    end = resolve
  })
  const begun = new Promise<void>((resolve) => {
    begin = resolve
  })
  const work = async (): Promise<void> => {
    state.isRunning = true
    begin()
    await ended
    state.isRunning = false
  }
  return { work, begun, end: () => end(), state }
}

test('so many at a time, the others in the order in which they came', async () => {
  const gate = createStartGate(2)
  const tasks = [task(), task(), task(), task()] as const
  const runs = tasks.map(({ work }) => gate.run(work, never))
  await tasks[1].begun
  expect(tasks.map(({ state }) => state.isRunning)).toEqual([true, true, false, false])
  tasks[1].end()
  await tasks[2].begun
  expect(tasks.map(({ state }) => state.isRunning)).toEqual([true, false, true, false])
  for (const { end } of tasks) end()
  await Promise.all(runs)
})

test('who is called off while waiting never begins, and takes no place', async () => {
  const gate = createStartGate(1)
  const [first, second, third] = [task(), task(), task()]
  const running = gate.run(first.work, never)
  const calledOff = new AbortController()
  const waiting = gate.run(second.work, calledOff.signal)
  const after = gate.run(third.work, never)
  calledOff.abort(new Error('no more'))
  await expect(waiting).rejects.toThrow('no more')
  first.end()
  await third.begun
  expect(second.state.isRunning).toBe(false)
  third.end()
  await Promise.all([running, after])
})

test('work that fails makes room for the next', async () => {
  const gate = createStartGate(1)
  await expect(gate.run(() => Promise.reject(new Error('broken')), never)).rejects.toThrow('broken')
  expect(await gate.run(async () => 'next', never)).toBe('next')
})
