// The watch for pauses, on a clock whose timers come as late as the test wants.
import type { Clock } from '@tabscope/schema'
import { expect, test } from 'vitest'
import { watchForStalls } from './stall.ts'

test('a timer that comes late by the bound is a stall, less is not, and after stopping nothing is watched', () => {
  let nowMs = 0
  let timer: (() => void) | undefined
  const clock: Clock = {
    wallUs: () => 0,
    monotonicMs: () => nowMs,
    schedule: (_atMs, run) => {
      timer = run
      return () => {
        timer = undefined
      }
    },
  }
  const stalls: number[] = []
  const stop = watchForStalls({ clock, beatMs: 250, stallMs: 1000, stalled: (pauseMs) => stalls.push(pauseMs) })
  for (const beatAtMs of [250, 600, 1849, 3099, 3349, 6000]) {
    nowMs = beatAtMs
    timer?.()
  }
  stop()
  expect({ stalls, timer }).toEqual({ stalls: [1000, 2401], timer: undefined })
})
