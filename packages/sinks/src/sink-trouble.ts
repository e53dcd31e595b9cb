// What a pump has to tell about its sink: once per change of state, never thrown at anybody.

export type SinkTrouble =
  | {
      /** Events wait for the sink for longer than `limits.sinkBehindMs`. */
      readonly kind: 'behind'
      readonly sinceUs: number
      readonly lagEvents: number
      /** Why the last attempt failed; undefined when the sink is only slow. */
      readonly message: string | undefined
    }
  | {
      /** The sink has everything again that there is. */
      readonly kind: 'recovered'
      readonly sinceUs: number
    }
  | {
      /** These were removed from the log before the sink had them. */
      readonly kind: 'lost'
      readonly from: number
      readonly to: number
      readonly count: number
    }
  | {
      /** The other side will never take these. */
      readonly kind: 'refused'
      readonly count: number
    }
  | {
      /** The other side holds less than before; it gets again what the log has and it has not. */
      readonly kind: 'rewound'
      readonly message: string
    }
  | {
      /** Nothing more will be written; the message says why and what to do. */
      readonly kind: 'stopped'
      readonly message: string
    }
  | {
      /** The place could not be kept, or a kept one does not count. Nothing is lost by it. */
      readonly kind: 'checkpoint'
      readonly message: string
    }

/** The text of whatever was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
