// The public surface of this package: the server of one browser.
export { parseTokenSecrets } from '@tabscope/http'
export { issueToken } from './access.ts'
export type { BrowserOption, ServeOptions, TelemetryOption } from './config.ts'
export { type CurlPolicy, curlPolicies } from './curl/policy.ts'
export { createLogCut } from './log-cut.ts'
export { createLogger, type Logger, type LogLevel } from './log-line.ts'
export { type ReplayServer, type ReplayServerOptions, serveReplay } from './replay-server.ts'
export { type RunningServer, serve } from './serve.ts'
