// Entries of a page's performance timeline: the script that reads them, and its answer made safe. Their URLs are the page's own words.
// https://w3c.github.io/resource-timing/ and https://w3c.github.io/navigation-timing/
import { limits } from '@tabscope/schema'

/** A request that ended, as the page's timeline has it. Times are milliseconds. */
export interface TimelineEntry {
  readonly kind: 'navigation' | 'resource'
  /** Of the first hop, for a chain of redirects. */
  readonly url: string
  /** What asked for it: an element's name, `fetch`, `xmlhttprequest`, `other` … */
  readonly initiator: string
  /** 0 when the page may not know it. */
  readonly status: number
  readonly startMs: number
  readonly durationMs: number
  readonly transferBytes: number
  readonly decodedBytes: number
  readonly contentType: string
  readonly protocol: string
}

/** The script. Workers' own scripts are `other`, with wrong times (measured on Chromium 156); CDP tells them on the worker's session. */
export const expression = `[...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')]
  .filter((e) => e.responseEnd > 0 && e.initiatorType !== 'other' && e.name.length <= ${limits.lateUrlBytes})
  .slice(0, ${limits.lateRequests})
  .map((e) => [e.entryType, e.name, e.initiatorType, e.responseStatus, e.startTime, e.responseEnd, e.transferSize, e.decodedBodySize, e.contentType, e.nextHopProtocol])`

/** The entries in the script's answer; what is not one is left out. */
export function readEntries(value: unknown): TimelineEntry[] {
  if (!Array.isArray(value)) return []
  return value.slice(0, limits.lateRequests).flatMap((row: unknown) => {
    if (!Array.isArray(row)) return []
    const [kind, url, initiator, status, start, end, transferBytes, decodedBytes, contentType, protocol] = row as unknown[]
    if ((kind !== 'navigation' && kind !== 'resource') || typeof url !== 'string') return []
    const startMs = numberOf(start)
    return [
      {
        kind,
        url,
        initiator: textOf(initiator),
        status: Math.round(numberOf(status)),
        startMs,
        durationMs: Math.max(0, Math.round((numberOf(end) - startMs) * 1000) / 1000),
        transferBytes: numberOf(transferBytes),
        decodedBytes: numberOf(decodedBytes),
        contentType: textOf(contentType),
        protocol: textOf(protocol),
      },
    ]
  })
}

function numberOf(value: unknown): number {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0 ? value : 0
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : ''
}

const typesByInitiator: Readonly<Record<string, string>> = {
  navigation: 'Document',
  iframe: 'Document',
  frame: 'Document',
  script: 'Script',
  img: 'Image',
  image: 'Image',
  input: 'Image',
  fetch: 'Fetch',
  xmlhttprequest: 'XHR',
  beacon: 'Ping',
  video: 'Media',
  audio: 'Media',
}

/** CDP's resource type of an entry, where it is certain. */
export function resourceTypeOf({ initiator, contentType }: TimelineEntry): string | undefined {
  const known = Object.hasOwn(typesByInitiator, initiator) ? typesByInitiator[initiator] : undefined
  if (known !== undefined) return known
  if (contentType === 'text/css') return 'Stylesheet'
  if (contentType.startsWith('font/')) return 'Font'
  return contentType.startsWith('image/') ? 'Image' : undefined
}
