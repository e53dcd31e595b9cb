// Turns a server's error answer into an error of ours, with the server's own code and words when it gave any.
import { limits } from '@tabscope/schema/limits'
import { StreamError } from './errors.ts'

/** The error for an answer that is not a success. Reads its body. */
export async function refusalOf(response: Response): Promise<StreamError> {
  const text = (await response.text()).slice(0, limits.clientErrorBytes)
  const { code, message } = readProblem(text)
  return new StreamError(code ?? `http_${response.status}`, message ?? `The server answered ${response.status}: ${text.slice(0, 200)}`, {
    status: response.status,
  })
}

function readProblem(text: string): { code?: string; message?: string } {
  try {
    const problem: unknown = JSON.parse(text)
    if (typeof problem !== 'object' || problem === null) return {}
    return {
      ...('code' in problem && typeof problem.code === 'string' ? { code: problem.code } : {}),
      ...('message' in problem && typeof problem.message === 'string' ? { message: problem.message } : {}),
    }
  } catch {
    // Not JSON: some proxy's own page. The caller shows its beginning.
    return {}
  }
}
