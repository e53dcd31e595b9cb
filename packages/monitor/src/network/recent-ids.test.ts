import { expect, test } from 'vitest'
import { createRecentIds } from './recent-ids.ts'

test('the newest half of the ids is always remembered, and no more than the bound', () => {
  const recent = createRecentIds(10)
  for (let id = 1; id <= 1003; id++) recent.add(String(id))
  const known = Array.from({ length: 1003 }, (_, index) => index + 1).filter((id) => recent.has(String(id)))
  expect([known.length <= 10, known.slice(-5)]).toEqual([true, [999, 1000, 1001, 1002, 1003]])
})

test('an id that is used again is forgotten, in whichever half it is', () => {
  const recent = createRecentIds(4)
  for (const id of ['a', 'b', 'c']) recent.add(id)
  recent.delete('a')
  recent.delete('c')
  expect(['a', 'b', 'c'].map((id) => recent.has(id))).toEqual([false, true, false])
})

test('an id that is added again takes no second place', () => {
  const recent = createRecentIds(4)
  for (const id of ['a', 'b', 'b', 'b', 'a']) recent.add(id)
  expect(['a', 'b'].map((id) => recent.has(id))).toEqual([true, true])
})
