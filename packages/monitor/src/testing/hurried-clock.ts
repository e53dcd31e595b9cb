// The machine's clock, going faster: so that a test of a rule of ten seconds takes two. Only for rules about silence: under load,
// what takes a while takes longer on this clock.
import { type Clock, systemClock } from '@tabscope/schema'

/** A clock on which `factor` milliseconds pass in one. Wall time is the machine's. */
export function createHurriedClock(factor: number): Clock {
  return {
    wallUs: () => systemClock.wallUs(),
    monotonicMs: () => systemClock.monotonicMs() * factor,
    schedule: (atMs, run) => systemClock.schedule(atMs / factor, run),
  }
}
