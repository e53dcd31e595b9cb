// What a witness says happened, in one form for all witnesses, so that any two of them can be compared.
// A fact has an identity (kind and key), and attributes that may differ. Knows nothing of who said it.

export const factKinds = [
  'request',
  'response',
  'failure',
  'console',
  'exception',
  'navigation',
  'dom_content_loaded',
  'load',
  'tab_opened',
  'dialog',
  'websocket_opened',
  'websocket_sent',
  'websocket_received',
  'websocket_closed',
  'download_started',
  'download_finished',
  'worker',
] as const
export type FactKind = (typeof factKinds)[number]

export type AttributeValue = string | number | boolean

export interface Fact {
  readonly kind: FactKind
  /** What makes it the same fact for another witness, such as `GET http://…`. */
  readonly key: string
  /** What can be compared beyond that. Undefined = this witness does not know. */
  readonly attributes: Readonly<Record<string, AttributeValue | undefined>>
  /** What the rules of policy.ts may look at; never compared. */
  readonly notes: Readonly<Record<string, AttributeValue | undefined>>
}

/** A URL as it goes over the wire: what is behind `#` stays in the browser. */
export function withoutFragment(url: string): string {
  const at = url.indexOf('#')
  return at < 0 ? url : url.slice(0, at)
}

/** Headers in one text that does not depend on their order or spelling; `ignored` names are lower-case. */
export function headersText(headers: Iterable<readonly [string, unknown]>, ignored: ReadonlySet<string>): string {
  return [...headers]
    .map(([name, value]) => [name.toLowerCase(), String(value)] as const)
    .filter(([name]) => !ignored.has(name) && !name.startsWith(':'))
    .map(([name, value]) => `${name}: ${value}`)
    .sort()
    .join('\n')
}
