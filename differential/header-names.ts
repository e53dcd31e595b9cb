// Headers that two witnesses may tell differently without either being wrong; lower-case names, each with its reason.

/** Left out of the comparison of request headers. */
export const ignoredRequestHeaders: ReadonlySet<string> = new Set([
  // Chromium counts it for the connection, after the request was told.
  'connection',
])

/** Left out of the comparison of response headers. */
export const ignoredResponseHeaders: ReadonlySet<string> = new Set([
  // Written by Node's HTTP server itself, below the log of the page server.
  'connection',
  'keep-alive',
  'date',
  'transfer-encoding',
  'content-length',
])
