// The public surface of this package: the server of one browser.
export type { BrowserOption, ServeOptions, TelemetryOption } from './config.ts'
export { createLogger, type Logger, type LogLevel } from './log-line.ts'
export { type RunningServer, serve } from './serve.ts'
