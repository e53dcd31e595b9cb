// Where Playwright's listeners and the stream rightly differ.
import { differsIn, has, isConfirmed, isCut, isExtra, isHuge, urlOf } from './evidence.ts'
import { rulesOfBoth } from './policy-both.ts'
import type { Rule } from './rule.ts'

export const playwrightRules: readonly Rule[] = [
  ...rulesOfBoth,
  {
    id: 'console-text',
    what: 'console text with objects or format specifiers, and thrown values that are no errors',
    why: 'Playwright joins previews of the arguments; we print what the DevTools console shows, format specifiers applied',
    explains: (difference) => differsIn(difference, 'text'),
  },
  {
    id: 'data-url',
    what: 'requests of `data:` URLs',
    why: 'Playwright leaves them out; Chromium tells them',
    explains: (difference) => isExtra(difference) && /^(?:GET )?data:/.test(difference.ours?.key ?? ''),
  },
  {
    id: 'favicon',
    what: 'requests of `favicon.ico`',
    why: 'Playwright leaves them out; the server saw them',
    explains: (difference, { server }) =>
      isExtra(difference) && urlOf(difference.ours).endsWith('/favicon.ico') && has(server, 'request', difference.ours?.key),
  },
  {
    id: 'preflight',
    what: 'CORS preflights',
    why: 'Playwright leaves them out; the server saw them',
    explains: (difference, { ours }) => {
      const id = difference.ours?.notes['request_id']
      return (
        isExtra(difference) &&
        ours.some(({ kind, notes }) => kind === 'request' && notes['request_id'] === id && notes['initiator'] === 'preflight')
      )
    },
  },
  {
    id: 'workers-of-no-page',
    what: 'what shared workers load and say',
    why: 'Playwright does not attach to them; the server saw their requests',
    explains: (difference) => isExtra(difference) && difference.ours?.notes['target_type'] === 'shared_worker',
  },
  {
    id: 'worker-started',
    what: 'that a worker started',
    why: 'it has no event of its own: the request of its script tells it',
    explains: ({ problem, theirs }, { ours }) =>
      problem === 'missed' && theirs?.kind === 'worker' && ours.some((fact) => urlOf(fact) === theirs.key),
  },
  {
    id: 'blocked',
    what: 'the error of a request that was blocked',
    why: 'Playwright tells the reason in place of the error; we tell both (`blocked_reason`)',
    explains: (difference) =>
      differsIn(difference, 'error_text') && difference.theirs?.attributes['error_text'] === difference.ours?.notes['blocked_reason'],
  },
  {
    id: 'type-of-prefetch',
    what: 'the type of what speculation rules prefetch',
    why: 'Playwright has no name for `prefetch` and says `other`',
    explains: (difference) =>
      differsIn(difference, 'resource_type') &&
      difference.theirs?.attributes['resource_type'] === 'other' &&
      difference.ours?.attributes['resource_type'] === 'prefetch',
  },
  {
    id: 'left-unread',
    what: 'the failure of requests whose bodies nobody was reading when their document was left',
    why: 'Chromium tells none; Playwright makes one up at the next document, our response says `body_complete: false`',
    explains: ({ problem, theirs }, { ours }) =>
      problem === 'missed' &&
      theirs?.kind === 'failure' &&
      theirs.attributes['error_text'] === 'net::ERR_ABORTED' &&
      ours.some((fact) => fact.kind === 'response' && urlOf(fact) === theirs.key && fact.notes['body_complete'] === false) &&
      !has(ours, 'failure', theirs.key),
  },
  {
    id: 'binary-post-data',
    what: 'post data that is no text',
    why: 'Playwright decodes it as UTF-8 and loses bytes; we keep one character a byte',
    explains: (difference) => differsIn(difference, 'post_data') && String(difference.theirs?.attributes['post_data']).includes('\ufffd'),
  },
  {
    id: 'too-large',
    what: 'post data over 900 KB and WebSocket messages over 4 KiB',
    why: 'a record has a bound; `truncated_fields` names what was cut',
    explains: (difference) =>
      differsIn(difference, 'post_data', 'payload') &&
      (isCut(difference, 'post_data') || isCut(difference, 'payload') || isHuge(difference)),
  },
  {
    id: 'empty-message',
    what: 'empty WebSocket messages, and so the number of messages',
    why: 'Playwright leaves them out; the page sent and got them',
    explains: (difference, { ours }) =>
      (isExtra(difference) &&
        /^websocket_(?:sent|received)$/.test(difference.ours?.kind ?? '') &&
        difference.ours?.attributes['payload'] === '') ||
      (differsIn(difference, 'frames_sent', 'frames_received') && has(ours, 'websocket_sent', `${difference.ours?.key} 0`)),
  },
  {
    id: 'refused-socket',
    what: 'a WebSocket whose handshake was refused',
    why: 'Playwright tells it when it is made, we tell its opening; this one only closed, with its error',
    explains: ({ problem, theirs }, { ours }) =>
      problem === 'missed' &&
      theirs?.kind === 'websocket_opened' &&
      ours.some(({ kind, key, notes }) => kind === 'websocket_closed' && key === theirs.key && notes['error_text'] !== undefined),
  },
  {
    id: 'first-of-a-window',
    what: 'what a new window did before Playwright listened to it, and windows that closed before',
    why: 'Playwright announces a window when it has its first document; the server saw what was asked for',
    explains: (difference, { ours, server }) => {
      const tab = difference.ours?.kind === 'tab_opened' ? difference.ours.key : difference.ours?.attributes['tab']
      const isWindow = ours.some(({ kind, key, attributes }) => kind === 'tab_opened' && key === tab && attributes['opener'] !== undefined)
      // In `passive` its first request may have come too early to be told; the response is.
      const isSeen = ours.some(
        ({ kind, key, attributes }) => (kind === 'request' || kind === 'response') && attributes['tab'] === tab && has(server, kind, key),
      )
      return isExtra(difference) && isWindow && isSeen
    },
  },
  {
    id: 'seen-by-server',
    what: 'requests and responses that Playwright was not told of, or told too late for its listeners',
    why: 'the server saw each of them as often as the stream tells them: nested frames, scripts of service workers',
    explains: (difference, { ours, server }) => {
      const { kind } = difference.ours ?? {}
      return isExtra(difference) && (kind === 'request' || kind === 'response') && isConfirmed(difference.ours, { ours, server })
    },
  },
  {
    id: 'socket-of-worker',
    what: 'WebSockets of workers and their messages',
    why: 'Playwright attaches to workers too late now and then; the server had each of them, as often as the stream tells them',
    explains: (difference, { ours, server }) => {
      const isWorker = difference.ours?.notes['target_type'] === 'worker'
      return isExtra(difference) && isWorker && /^websocket_/.test(difference.ours.kind) && isConfirmed(difference.ours, { ours, server })
    },
  },
  {
    id: 'empty-document',
    what: 'that the empty document of a new window loaded, also when its opener wrote it',
    why: 'nobody navigated there, so it has no number and no milestones; Playwright tells it when it was attached in time',
    explains: ({ problem, theirs }, { ours }) => {
      const tab = theirs?.attributes['tab']
      const isOpened = ours.some(({ kind, key, attributes }) => kind === 'tab_opened' && key === tab && attributes['opener'] !== undefined)
      const hasNavigated = ours.some(
        ({ kind, key, attributes }) =>
          kind === 'navigation' && key === 'about:blank' && attributes['is_top'] === true && attributes['tab'] === tab,
      )
      const isMilestone = theirs?.kind === 'dom_content_loaded' || theirs?.kind === 'load'
      return problem === 'missed' && isMilestone && theirs.key === 'about:blank' && isOpened && !hasNavigated
    },
  },
  {
    id: 'console-of-frame',
    what: 'console calls in nested frames of other sites',
    why: 'Playwright attaches to them too late now and then; the server saw what the same script asked for next',
    explains: (difference, { ours, server }) => {
      const target = difference.ours?.notes['target']
      const asked = ours.some(({ kind, key, notes }) => kind === 'request' && notes['target'] === target && has(server, 'request', key))
      return isExtra(difference) && difference.ours?.kind === 'console' && difference.ours.notes['target_type'] === 'iframe' && asked
    },
  },
  {
    id: 'script-of-worker',
    what: "how the request of a worker's script ends",
    why: 'Playwright is told on the page, Chromium tells the end on the worker',
    explains: (difference, { ours, playwright }) => {
      const { kind = '' } = difference.ours ?? {}
      const script = kind === 'failure' ? difference.ours?.key : urlOf(difference.ours)
      const isScript =
        difference.ours?.notes['request_id'] === difference.ours?.notes['target'] ||
        playwright.some((fact) => fact.kind === 'worker' && fact.key === script) ||
        ours.some(({ notes }) => notes['request_id'] === difference.ours?.notes['request_id'] && notes['request_id'] === notes['target'])
      return isExtra(difference) && (kind === 'response' || kind === 'failure') && isScript
    },
  },
  {
    id: 'log-of-worker',
    what: 'messages of the browser about service workers',
    why: 'Playwright has no listener for them',
    explains: (difference) =>
      isExtra(difference) &&
      difference.ours?.notes['target_type'] === 'service_worker' &&
      difference.ours.notes['log_source'] !== undefined,
  },
  {
    id: 'ended-with-target',
    what: 'the end of requests whose worker or frame went away (`error_text: target_closed`)',
    why: 'Chromium tells none; ours says so, that nothing stays open for ever',
    explains: (difference) =>
      isExtra(difference) && difference.ours?.kind === 'failure' && difference.ours.attributes['error_text'] === 'target_closed',
  },
]
