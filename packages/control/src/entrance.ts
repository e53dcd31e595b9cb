// Stands before the routes of the control plane: who has no API key does not get in, and nobody gets in too often. It never reads a body.
import type { RequestListener } from 'node:http'
import { sendProblem } from '@tabscope/http'
import { TelemetryError } from '@tabscope/schema'
import type { ApiKeys } from './api-keys.ts'
import type { RateLimit } from './rate-limit.ts'

const openPaths: ReadonlySet<string> = new Set(['/healthz', '/readyz'])

export interface EntranceOptions {
  readonly keys: ApiKeys
  readonly rateLimit: RateLimit
  readonly counts: { refused: number; limited: number }
}

/** The listener behind key and rate limit. */
export function keyed(listener: RequestListener, { keys, rateLimit, counts }: EntranceOptions): RequestListener {
  return (incoming, outgoing) => {
    const path = (incoming.url ?? '').split('?', 1)[0] ?? ''
    if (openPaths.has(path)) {
      listener(incoming, outgoing)
      return
    }
    if (!keys.admits(incoming.headers)) {
      counts.refused += 1
      outgoing.setHeader('www-authenticate', 'Bearer')
      sendProblem(outgoing, new TelemetryError('api_key_missing', {}))
      return
    }
    const { remaining, waitMs } = rateLimit.take()
    outgoing.setHeader('x-ratelimit-limit', rateLimit.perSecond)
    outgoing.setHeader('x-ratelimit-remaining', remaining)
    if (waitMs === undefined) {
      listener(incoming, outgoing)
      return
    }
    counts.limited += 1
    outgoing.setHeader('retry-after', Math.ceil(waitMs / 1000))
    outgoing.setHeader('retry-after-ms', Math.ceil(waitMs))
    sendProblem(outgoing, new TelemetryError('rate_limited', { perSecond: rateLimit.perSecond }))
  }
}
