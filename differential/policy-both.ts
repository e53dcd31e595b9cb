// Where either witness and the stream rightly differ.
import { isBeforeAttach, isOfAnotherWindow, isReleasedByAnother } from './evidence.ts'
import type { Rule } from './rule.ts'

export const rulesOfBoth: readonly Rule[] = [
  {
    id: 'before-attach',
    what: 'in `passive`: the first moments of windows, workers and frames of other sites',
    why: 'nobody holds them until we have attached; counted by `npm run diff -- --late`, see docs/attach.md',
    explains: (difference, evidence) => isBeforeAttach(difference, evidence) || isOfAnotherWindow(difference, evidence),
  },
  {
    id: 'released-by-another',
    what: "in `complete`, now and then, the response of a service worker's script (`error_text: finished_without_response`)",
    why: 'another DevTools client, here Playwright, let go of the worker before we were set up, see docs/attach.md',
    explains: (difference, evidence) => isReleasedByAnother(difference, evidence),
  },
]
