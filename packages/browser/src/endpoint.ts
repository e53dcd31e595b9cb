// Learns from a new Chromium where its DevTools endpoint is and which version it has. Keeps the last part of its stderr for the
// text of an error; everything else that Chromium says there is dropped.
import type { Readable } from 'node:stream'
import { limits } from '@tabscope/schema'

const announcement = /^DevTools listening on (ws:\/\/\S+)\s*$/m

export interface Announcements {
  /** The WebSocket URL of the browser's DevTools endpoint. Pends for ever when none comes: race it. */
  readonly endpoint: Promise<string>
  /** The last part of stderr. */
  output(): string
}

/** Reads stderr to its end, so that Chromium never blocks on a full pipe. */
export function readAnnouncements(stderr: Readable): Announcements {
  let output = ''
  const endpoint = new Promise<string>((resolve) => {
    stderr.setEncoding('utf8')
    stderr.on('data', (chunk: string) => {
      output = (output + chunk).slice(-limits.chromiumOutputBytes)
      const url = announcement.exec(output)?.[1]
      if (url !== undefined) resolve(url)
    })
  })
  return { endpoint, output: () => output.trim() }
}

/** What the browser calls itself, such as `HeadlessChrome/156.0.8078.79`. */
export async function readVersion(endpoint: string, signal: AbortSignal): Promise<string> {
  const response = await fetch(`http://${new URL(endpoint).host}/json/version`, { signal })
  const answer: unknown = await response.json()
  if (typeof answer === 'object' && answer !== null && 'Browser' in answer && typeof answer.Browser === 'string') return answer.Browser
  throw new Error(`/json/version answered ${response.status} without a "Browser"`)
}
