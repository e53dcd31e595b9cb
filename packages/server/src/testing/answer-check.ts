// Checks real answers against the OpenAPI document that the server serves, with a JSON Schema validator that nobody here wrote. Every
// answer that a test gets through test-server.ts goes through here, so a route cannot answer what the document does not say.

import { openApiDocument } from '@tabscope/schema'
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js'

/** What the check looks at. */
export interface CheckedAnswer {
  readonly method: string
  readonly path: string
  readonly status: number
  readonly contentType: string | null
  readonly text: string
}

interface MediaTypes {
  readonly [mediaType: string]: { readonly schema?: object }
}

interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, { responses: Record<string, { content?: MediaTypes }> }>>>>
}

// Through JSON, because that is what a client gets.
const document: Document = JSON.parse(JSON.stringify(openApiDocument()))
const ajv = new Ajv2020({ strict: false, allErrors: true, validateFormats: false })
ajv.addSchema({ $id: 'openapi', ...document })
const validators = new Map<string, ValidateFunction>()

/** The operations and statuses that were seen, such as `get /telemetry 200`. */
export const seenAnswers = new Set<string>()

/** What in the answer is not as the document says; empty when all is. Paths that the document does not have must be 404 problems. */
export function answerFaults(given: CheckedAnswer): readonly string[] {
  const answer = { ...given, path: templateOf(given.path) }
  const method = answer.method.toLowerCase()
  const name = `${method} ${answer.path} ${answer.status}`
  const operation = document.paths[answer.path]?.[method === 'head' ? 'get' : method]
  if (operation === undefined) return undeclaredFaults(answer)
  seenAnswers.add(name)
  const response = operation.responses[String(answer.status)]
  if (response === undefined) return [`${name}: this status is not in the document`]
  if (method === 'head') return []
  return contentFaults(answer, name, response.content)
}

/** The path as the document writes it, such as `/json/close/{target_id}`; one that it does not have stays as it is. */
function templateOf(path: string): string {
  const parts = path.split('/')
  const fits = (template: string): boolean => {
    const wanted = template.split('/')
    return wanted.length === parts.length && wanted.every((part, position) => part === parts[position] || part.startsWith('{'))
  }
  return document.paths[path] === undefined ? (Object.keys(document.paths).find(fits) ?? path) : path
}

function undeclaredFaults({ status, text, path, method }: CheckedAnswer): readonly string[] {
  const allowed = document.paths[path] === undefined ? [404, 400, 421] : [405, 400, 421]
  if (!allowed.includes(status)) return [`${method} ${path}: ${status} for what the document does not have`]
  return schemaFaults(`${method} ${path}`, '#/components/schemas/Problem', text)
}

function contentFaults(answer: CheckedAnswer, name: string, content: MediaTypes | undefined): readonly string[] {
  if (content === undefined) return answer.text === '' ? [] : [`${name}: a body where the document has none`]
  const mediaType = answer.contentType?.split(';')[0]?.trim() ?? ''
  if (content[mediaType] === undefined) return [`${name}: content type ${mediaType} is not in the document`]
  if (mediaType !== 'application/json') return []
  const method = answer.method.toLowerCase()
  const pointer = ['paths', answer.path, method, 'responses', String(answer.status), 'content', mediaType, 'schema']
  return schemaFaults(name, `#/${pointer.map(escapePointer).join('/')}`, answer.text)
}

function escapePointer(part: string): string {
  return encodeURIComponent(part.replaceAll('~', '~0').replaceAll('/', '~1'))
}

function schemaFaults(name: string, pointer: string, text: string): readonly string[] {
  const validate = validators.get(pointer) ?? ajv.compile({ $ref: `openapi${pointer}` })
  validators.set(pointer, validate)
  if (validate(JSON.parse(text))) return []
  return (validate.errors ?? []).map((error) => `${name}: ${error.instancePath} ${error.message}`)
}
