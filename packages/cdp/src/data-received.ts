// Reads `Network.dataReceived` from its bytes without a JSON parser: it is the most frequent message of all, and nothing else has the
// decoded length of a body. Half the cost of a parse (measured: 0.31 against 0.68 µs). Never guesses: it takes exactly the text that
// Chromium 156 writes and leaves every other to the parser.
import type { ParsedMessage } from './message.ts'

// Longer ones carry the body (`data`, with streamed content); copying it into a string to look at it would cost more than it saves.
const longestBytes = 512

// Strings without escapes and non-ASCII, integers below 10^15, a plain decimal: for these, text and value are the same in JSON and here.
const text = '([^"\\\\\\x00-\\x1f\\x7f-\\xff]*)'
const integer = '(0|[1-9][0-9]{0,14})'
const decimal = '((?:0|[1-9][0-9]*)(?:\\.[0-9]+)?)'
const pattern = new RegExp(
  `^\\{"method":"Network\\.dataReceived","params":\\{"requestId":"${text}","timestamp":${decimal},"dataLength":${integer},"encodedDataLength":${integer}\\}(?:,"sessionId":"${text}")?\\}$`,
)

/** The message, or undefined when it is not written in the one way known here. */
export function scanDataReceived(bytes: Buffer): Extract<ParsedMessage, { kind: 'event' }> | undefined {
  if (bytes.length > longestBytes) return undefined
  const match = pattern.exec(bytes.toString('latin1'))
  if (match === null) return undefined
  const [, requestId, timestamp, dataLength, encodedDataLength, sessionId] = match
  const params = {
    requestId,
    timestamp: Number(timestamp),
    dataLength: Number(dataLength),
    encodedDataLength: Number(encodedDataLength),
  }
  return { kind: 'event', method: 'Network.dataReceived', params, sessionId }
}
