// The server's own log: one JSON object a line on standard error, so that standard output stays free for events.
// It never logs a query string (tokens may be in it), a header or the content of an event.
import { type DestinationStream, destination, type Logger, pino, stdTimeFunctions } from 'pino'

export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'silent'

export type { Logger } from 'pino'

/** A logger at that level, writing to `stream` (standard error unless given). */
export function createLogger(level: LogLevel, stream: DestinationStream = destination({ dest: 2, sync: true })): Logger {
  return pino({ level, base: null, timestamp: stdTimeFunctions.isoTime }, stream)
}
