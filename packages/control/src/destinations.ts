// OTLP destinations: collectors with a name, which browsers are told to export to. The values of their headers are secrets: they are written
// to a file that only this user reads, handed to the servers that need them, and never shown again.
import { validated } from '@tabscope/http'
import {
  type Clock,
  type CreateDestination,
  combineExports,
  createDestinationSchema,
  type Destination,
  type ExportFigures,
  exportFiguresSchema,
  invalidRequest,
  limits,
  TelemetryError,
  updateDestinationSchema,
} from '@tabscope/schema'
import { z } from 'zod'
import { newId } from './browser-store.ts'
import { readState, writeState } from './state-file.ts'

const destinationRecordSchema = z.object({
  id: z.string(),
  name: z.string(),
  endpoint: z.string(),
  description: z.string().optional(),
  headers: z.record(z.string(), z.string()),
  createdAt: z.string(),
  updatedAt: z.string(),
  /** What browsers that are forgotten exported there. */
  past: exportFiguresSchema.optional(),
})

/** A destination with its secrets. */
export type DestinationRecord = z.infer<typeof destinationRecordSchema>

const fileSchema = z.object({ destinations: z.array(destinationRecordSchema) })

export interface Destinations {
  /** By name. */
  readonly all: readonly DestinationRecord[]
  /** By id or name. Throws `destination_not_found`. */
  get(idOrName: string): DestinationRecord
  create(body: unknown): Promise<DestinationRecord>
  update(idOrName: string, body: unknown): Promise<DestinationRecord>
  /** Throws `destination_in_use` while `isUsed` says so. */
  remove(idOrName: string, isUsed: (id: string) => boolean): Promise<void>
  /** Keeps what a browser exported that is about to be forgotten. */
  keep(id: string, figures: ExportFigures): Promise<void>
}

/** Reads the file of destinations. */
export async function openDestinations(path: string, clock: Clock): Promise<Destinations> {
  let all: readonly DestinationRecord[] = (await readState(path, fileSchema))?.destinations ?? []
  let lastChange: Promise<unknown> = Promise.resolve()
  // Decided and written in turn, so that two requests cannot take the same name.
  const change = <Result>(decide: () => { next: readonly DestinationRecord[]; result: Result }): Promise<Result> => {
    const done = lastChange.then(async () => {
      const { next, result } = decide()
      await writeState(path, { destinations: next })
      all = next
      return result
    })
    lastChange = done.catch(() => undefined)
    return done
  }
  const now = (): string => new Date(clock.wallUs() / 1000).toISOString()
  const put = (record: DestinationRecord): { next: readonly DestinationRecord[]; result: DestinationRecord } => {
    if (all.some((other) => other.id !== record.id && other.name === record.name))
      throw new TelemetryError('name_taken', { name: record.name, what: 'destination' })
    return { next: [...all.filter((other) => other.id !== record.id), record], result: record }
  }
  return {
    get all() {
      return [...all].sort((one, other) => (one.name < other.name ? -1 : 1))
    },
    get: (idOrName) => get(all, idOrName),
    create: (body) => {
      const request = validated(createDestinationSchema, 'body', body)
      return change(() => {
        if (all.length >= limits.destinations) throw new TelemetryError('too_many_destinations', { limit: limits.destinations })
        return put({ id: newId(), ...fieldsOf(request, {}), createdAt: now(), updatedAt: now() })
      })
    },
    update: (idOrName, body) => {
      const request = validated(updateDestinationSchema, 'body', body)
      return change(() => {
        const before = get(all, idOrName)
        const { name = before.name, endpoint = before.endpoint, description = before.description, headers } = request
        const { id, createdAt, past } = before
        const kept = past === undefined ? {} : { past }
        return put({ id, createdAt, ...kept, ...fieldsOf({ name, endpoint, description, headers }, before.headers), updatedAt: now() })
      })
    },
    remove: (idOrName, isUsed) =>
      change(() => {
        const { id, name } = get(all, idOrName)
        if (isUsed(id)) throw new TelemetryError('destination_in_use', { name })
        return { next: all.filter((other) => other.id !== id), result: undefined }
      }),
    keep: (id, figures) =>
      change(() => {
        const next = all.map((one) => (one.id === id ? { ...one, past: combineExports([one.past ?? [], figures].flat()) } : one))
        return { next, result: undefined }
      }),
  }
}

/** The destination as answers show it, with what its browsers exported there. */
export function destinationView(record: DestinationRecord, figures: ExportFigures): Destination {
  const { id, name, endpoint, description, headers, createdAt, updatedAt } = record
  return {
    id,
    name,
    endpoint,
    ...(description === undefined ? {} : { description }),
    headers: Object.fromEntries(Object.keys(headers).map((header) => [header, ''])),
    created_at: createdAt,
    updated_at: updatedAt,
    exported_events: figures.sent,
    failed_attempts: figures.failed,
    dropped_events: figures.dropped,
    consecutive_failures: figures.failuresInRow,
    ...(figures.lastError === undefined ? {} : { last_error: figures.lastError }),
    ...(figures.lastErrorUs === undefined ? {} : { last_error_at: timeOf(figures.lastErrorUs) }),
    ...(figures.lastSentUs === undefined ? {} : { last_export_at: timeOf(figures.lastSentUs) }),
  }
}

function timeOf(atUs: number): string {
  return new Date(atUs / 1000).toISOString()
}

function get(all: readonly DestinationRecord[], idOrName: string): DestinationRecord {
  const found = all.find(({ id }) => id === idOrName) ?? all.find(({ name }) => name === idOrName)
  if (found === undefined) throw new TelemetryError('destination_not_found', { id: idOrName.slice(0, limits.browserNameChars) })
  return found
}

function fieldsOf(
  request: CreateDestination,
  before: Readonly<Record<string, string>>,
): Pick<DestinationRecord, 'name' | 'endpoint' | 'description' | 'headers'> {
  checkEndpoint(request.endpoint)
  const { name, endpoint } = request
  // `null` takes it away.
  const description = request.description ?? undefined
  return { name, endpoint, ...(description === undefined ? {} : { description }), headers: headersOf(before, request.headers ?? {}) }
}

function checkEndpoint(endpoint: string): void {
  const url = URL.canParse(endpoint) ? new URL(endpoint) : undefined
  const problem =
    url === undefined || !['http:', 'https:'].includes(url.protocol)
      ? 'it is not an http or https URL'
      : url.search !== '' || url.hash !== '' || url.username !== '' || url.password !== ''
        ? 'it has a query, a fragment or a password; put secrets into headers'
        : /\/v1\/(logs|traces|metrics)\/?$/.test(url.pathname)
          ? 'it has the path of a signal; give the base of the collector'
          : undefined
  if (problem !== undefined) throw invalidRequest('body.endpoint', problem)
}

/** Header by header over those from before; names are compared without case, `null` takes one away. */
function headersOf(before: Readonly<Record<string, string>>, given: Readonly<Record<string, string | null>>): Record<string, string> {
  const headers = new Map(Object.entries(before))
  for (const [name, value] of Object.entries(given)) {
    const canonical = name.toLowerCase()
    if (!/^[!#$%&'*+.^_`|~0-9a-z-]+$/.test(canonical)) throw invalidRequest('body.headers', 'a name is not that of an HTTP header')
    if (value === null) headers.delete(canonical)
    // A line break would begin another header; other characters cannot be sent at all.
    else if (/^[\t\x20-\x7e\x80-\xff]*$/.test(value)) headers.set(canonical, value)
    else throw invalidRequest(`body.headers.${canonical}`, 'its value cannot be sent in a header')
  }
  const bytes = [...headers].reduce((sum, [name, value]) => sum + name.length + value.length, 0)
  if (bytes > limits.destinationHeadersBytes)
    throw invalidRequest('body.headers', `${bytes} bytes together, at most ${limits.destinationHeadersBytes}`)
  return Object.fromEntries(headers)
}
