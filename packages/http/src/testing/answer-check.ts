// Checks real answers against the OpenAPI document that the server serves, with a JSON Schema validator that nobody here wrote. Every
// answer that a test gets through a checked fetch goes through here, so a route cannot answer what the document does not say.
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js'

/** What the check looks at. */
export interface CheckedAnswer {
  readonly method: string
  readonly path: string
  readonly status: number
  readonly contentType: string | null
  /** Undefined = it is a stream, whose end nobody waits for. */
  readonly text: string | undefined
}

export interface AnswerCheck {
  /** The operations and statuses that were seen, such as `get /telemetry 200`. */
  readonly seen: ReadonlySet<string>
  /** What in the answer is not as the document says; empty when all is. Paths that the document does not have must be problems. */
  faults(answer: CheckedAnswer): readonly string[]
  /** `fetch`, which rejects when the answer is not as the document says. The answer can still be read. */
  fetch(input: RequestInfo | URL, init?: RequestInit): Promise<Response>
}

interface MediaTypes {
  readonly [mediaType: string]: { readonly schema?: object }
}

interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, { responses: Record<string, { content?: MediaTypes }> }>>>>
}

interface State {
  readonly document: Document
  readonly ajv: Ajv2020
  readonly validators: Map<string, ValidateFunction>
  readonly seen: Set<string>
  /** Statuses that come before anybody looks at the path. */
  readonly anywhere: readonly number[]
}

/** A check against that document. `anywhere`: statuses of problems that any path can have beyond those of a request that is none. */
export function createAnswerCheck(document: object, { anywhere = [] }: { readonly anywhere?: readonly number[] } = {}): AnswerCheck {
  // Through JSON, because that is what a client gets.
  const known: Document = JSON.parse(JSON.stringify(document))
  const ajv = new Ajv2020({ strict: false, allErrors: true, validateFormats: false })
  ajv.addSchema({ $id: 'openapi', ...known })
  const state: State = { document: known, ajv, validators: new Map(), seen: new Set(), anywhere: [400, 421, ...anywhere] }
  return {
    seen: state.seen,
    faults: (answer) => faultsOf(state, answer),
    fetch: (input, init) => checkedFetch(state, input, init),
  }
}

async function checkedFetch(state: State, input: RequestInfo | URL, init?: RequestInit): Promise<Response> {
  const response = await fetch(input, init)
  const contentType = response.headers.get('content-type')
  const text = contentType?.startsWith('text/event-stream') === true ? undefined : await response.clone().text()
  const asked = input instanceof Request ? input : { method: 'GET', url: String(input) }
  const { method = asked.method } = init ?? {}
  const path = new URL(asked.url).pathname
  const faults = faultsOf(state, { method, path, status: response.status, contentType, text })
  if (faults.length > 0) throw new Error(`not as the OpenAPI document says: ${faults.join('; ')}\n${(text ?? '').slice(0, 500)}`)
  return response
}

function faultsOf(state: State, given: CheckedAnswer): readonly string[] {
  const { document, seen } = state
  const answer = { ...given, path: templateOf(document, given.path) }
  const method = answer.method.toLowerCase()
  const name = `${method} ${answer.path} ${answer.status}`
  const operation = document.paths[answer.path]?.[method === 'head' ? 'get' : method]
  if (operation === undefined) return undeclaredFaults(state, answer)
  seen.add(name)
  const response = operation.responses[String(answer.status)]
  if (response === undefined) return [`${name}: this status is not in the document`]
  if (method === 'head') return []
  return contentFaults(state, answer, response.content)
}

/** The path as the document writes it, such as `/json/close/{target_id}`; one that it does not have stays as it is. */
function templateOf(document: Document, path: string): string {
  const parts = path.split('/')
  const fits = (template: string): boolean => {
    const wanted = template.split('/')
    return wanted.length === parts.length && wanted.every((part, position) => part === parts[position] || part.startsWith('{'))
  }
  return document.paths[path] === undefined ? (Object.keys(document.paths).find(fits) ?? path) : path
}

function undeclaredFaults(state: State, { status, text = '', path, method }: CheckedAnswer): readonly string[] {
  const allowed = [state.document.paths[path] === undefined ? 404 : 405, ...state.anywhere]
  if (!allowed.includes(status)) return [`${method} ${path}: ${status} for what the document does not have`]
  return schemaFaults(state, { name: `${method} ${path}`, pointer: '#/components/schemas/Problem', text })
}

function contentFaults(state: State, answer: CheckedAnswer, content: MediaTypes | undefined): readonly string[] {
  const { path, status, contentType, text } = answer
  const method = answer.method.toLowerCase()
  const name = `${method} ${path} ${status}`
  if (content === undefined) return text === '' ? [] : [`${name}: a body where the document has none`]
  const mediaType = contentType?.split(';')[0]?.trim() ?? ''
  if (content[mediaType] === undefined) return [`${name}: content type ${mediaType} is not in the document`]
  if (mediaType !== 'application/json') return []
  const pointer = ['paths', path, method, 'responses', String(status), 'content', mediaType, 'schema']
  return schemaFaults(state, { name, pointer: `#/${pointer.map(escapePointer).join('/')}`, text: text ?? '' })
}

function escapePointer(part: string): string {
  return encodeURIComponent(part.replaceAll('~', '~0').replaceAll('/', '~1'))
}

interface CheckedText {
  readonly name: string
  readonly pointer: string
  readonly text: string
}

function schemaFaults({ ajv, validators }: State, { name, pointer, text }: CheckedText): readonly string[] {
  const validate = validators.get(pointer) ?? ajv.compile({ $ref: `openapi${pointer}` })
  validators.set(pointer, validate)
  if (validate(JSON.parse(text))) return []
  return (validate.errors ?? []).map((error) => `${name}: ${error.instancePath} ${error.message}`)
}
