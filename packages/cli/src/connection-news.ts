// News about a stream's connection, in words.
import type { ConnectionChange, Gap } from '@tabscope/sdk'

export function describeGap({ from, to, reason }: Gap): string {
  const why = {
    evicted: 'they are no longer kept',
    slow: 'this reader was too slow',
    restart: 'the server restarted and never used these numbers',
    ahead: 'the server has not got that far; it may have begun with an empty data folder',
  }
  return to === undefined
    ? `gap: nothing after event ${from - 1} (${why[reason]})`
    : `gap: events ${from} to ${to} are missing (${why[reason]})`
}

export function describeLoss({ reason, retryInMs }: Extract<ConnectionChange, { at: 'lost' }>): string {
  return `${reason}; connecting again in ${retryInMs} ms`
}
