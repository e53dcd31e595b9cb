// What the page script is told when it is put into a page. Types only; it travels as JSON in front of the script's source.

/** How much of key presses is told: nothing, named keys and `printable`, or every key. */
export type KeyDetail = 'none' | 'printable' | 'all'

export interface PageScriptConfig {
  /** The name under which CDP puts its function into the isolated world. */
  readonly binding: string
  /** Dispatched on `window` it ends every script that was told the same name, also those of earlier connections. */
  readonly stopEvent: string
  readonly click: boolean
  readonly keys: KeyDetail
  readonly scroll: boolean
  readonly bounds: PageScriptBounds
}

/** The bounds of limits.ts that hold inside a page. */
export interface PageScriptBounds {
  readonly selectorChars: number
  readonly textChars: number
  readonly scrollQuietMs: number
  readonly scrollLeastPx: number
  /** Elements that scroll at the same time. */
  readonly scrollElements: number
  /** Messages kept until the binding is there. */
  readonly waitingMessages: number
}
