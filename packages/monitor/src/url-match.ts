// Which URLs are captured, by patterns in which `*` stands for any run of characters and everything else for itself.
// Compiled once, matched without regular expressions: a hostile URL or pattern cannot make it backtrack.

/** Tells whether a URL is captured. */
export interface UrlFilter {
  matches(url: string): boolean
}

/**
 * A filter that lets a URL through when it matches one of `include` (absent or empty: every URL does) and none of `exclude`.
 * A pattern covers the whole URL and minds case: `https://example.com/*`, `*.png`, `*&analytics*`.
 */
export function compileUrlFilter(include?: readonly string[], exclude?: readonly string[]): UrlFilter {
  const included = (include ?? []).map(compilePattern)
  const excluded = (exclude ?? []).map(compilePattern)
  return {
    matches: (url) => (included.length === 0 || included.some((matches) => matches(url))) && !excluded.some((matches) => matches(url)),
  }
}

/** One pattern as a function. Takes at most (length of the URL) × (length of the pattern) steps. */
export function compilePattern(pattern: string): (url: string) => boolean {
  const [first = '', ...rest] = pattern.split('*')
  const last = rest.pop()
  if (last === undefined) return (url) => url === first
  const middle = rest.filter((part) => part !== '')
  return (url) => {
    if (url.length < first.length + last.length || !url.startsWith(first) || !url.endsWith(last)) return false
    return holdsInOrder(url.slice(first.length, url.length - last.length), middle)
  }
}

// The leftmost place for each part is always good enough, because what follows it only gets more room.
function holdsInOrder(text: string, parts: readonly string[]): boolean {
  let from = 0
  for (const part of parts) {
    const found = text.indexOf(part, from)
    if (found === -1) return false
    from = found + part.length
  }
  return true
}
