// Reads an answer's body as JSON, up to a bound. Never gives up silently: what is not JSON is an error with its beginning.
import { limits } from '@tabscope/schema/limits'
import { APIError } from './api-errors.ts'
import { describeError } from './errors.ts'

/** The value of a JSON body; undefined for an empty one. Throws an `APIError` of code `malformed_answer` or `connection_lost`. */
export async function readJson(response: Response): Promise<unknown> {
  const text = await readText(response)
  if (text === '') return undefined
  try {
    return JSON.parse(text)
  } catch {
    throw failureOf(response, {
      code: 'malformed_answer',
      message: `The answer is not JSON: ${JSON.stringify(text.slice(0, 200))}. Is the address right?`,
    })
  }
}

async function readText(response: Response): Promise<string> {
  if (response.body === null) return ''
  const reader = response.body.getReader()
  const decoder = new TextDecoder()
  const texts: string[] = []
  let bytes = 0
  try {
    for (;;) {
      const chunk = await reader.read()
      if (chunk.done) return texts.join('') + decoder.decode()
      bytes += chunk.value.byteLength
      if (bytes > limits.clientAnswerBytes) break
      texts.push(decoder.decode(chunk.value, { stream: true }))
    }
  } catch (cause) {
    throw failureOf(response, { code: 'connection_lost', message: `The answer broke off: ${describeError(cause)}.`, cause })
  }
  await reader.cancel().catch(() => {})
  throw failureOf(response, { code: 'malformed_answer', message: `The answer is larger than ${limits.clientAnswerBytes} bytes.` })
}

function failureOf({ status, headers }: Response, what: { code: string; message: string; cause?: unknown }): APIError {
  return new APIError(what.code, what.message, { status, headers, ...('cause' in what ? { cause: what.cause } : {}) })
}
