// Pages that answer in every way that a server can, for the end-to-end tests of requests, and what those ask of the stream.
import { gzipSync } from 'node:zlib'
import type { PageHandler } from '@tabscope/cdp/testing'
import { expect } from 'vitest'
import type { Scene } from './scene.ts'
import { seenUrls, type Told, toldOf, toldUrls, toldWhole } from './witness.ts'

const page = '<!doctype html><link rel="icon" href="data:,"><title>page</title>'
const html = { 'content-type': 'text/html', 'cache-control': 'no-store' }
const jsonType = { 'content-type': 'application/json', 'cache-control': 'no-store' }

/** Answers `/hop/3` with a redirect to `/hop/2` and so on to `/end`; everything else by path. */
export const oddPages: PageHandler = (request, response) => {
  const url = new URL(request.url ?? '/', `http://${request.headers.host}`)
  const hop = /^\/hop\/(\d+)$/.exec(url.pathname)
  if (hop !== null) {
    const left = Number(hop[1])
    response.writeHead(302, { location: left === 1 ? '/end' : `/hop/${left - 1}`, 'cache-control': 'no-store' }).end()
    return
  }
  const answer = answers[url.pathname]
  if (answer === undefined) response.writeHead(404, jsonType).end('"missing"')
  else answer(request, response)
}

export const compressible = JSON.stringify({ text: 'abc '.repeat(5000) })
export const large = `"${'x'.repeat(9 * 1024 * 1024)}"`

const answers: Readonly<Record<string, PageHandler>> = {
  '/': (_request, response) => response.writeHead(200, html).end(page),
  '/end': (_request, response) => response.writeHead(200, jsonType).end('"end"'),
  '/loop': (_request, response) => response.writeHead(302, { location: '/loop' }).end(),
  '/away': (request, response) => {
    const port = new URL(`http://${request.headers.host}`).port
    response.writeHead(307, { location: `http://localhost:${port}/abroad`, 'access-control-allow-origin': '*' }).end()
  },
  '/abroad': (request, response) => {
    const headers = { ...jsonType, 'access-control-allow-origin': '*', 'access-control-allow-headers': 'x-custom' }
    if (request.method === 'OPTIONS') response.writeHead(204, headers).end()
    else response.writeHead(200, headers).end('"abroad"')
  },
  '/document-away': (_request, response) => response.writeHead(301, { location: '/document' }).end(),
  '/document': (_request, response) => {
    const body = `${page}<p>document`
    response.writeHead(200, { ...html, 'content-length': String(body.length) }).end(body)
  },
  '/echo': (request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => response.writeHead(200, jsonType).end(JSON.stringify(Buffer.concat(chunks).toString())))
  },
  '/nothing': (_request, response) => response.writeHead(204).end(),
  '/empty': (_request, response) => response.writeHead(200, jsonType).end(),
  '/zipped': (_request, response) => response.writeHead(200, { ...jsonType, 'content-encoding': 'gzip' }).end(gzipSync(compressible)),
  '/large': (_request, response) => response.writeHead(200, jsonType).end(large),
  '/bytes': (_request, response) =>
    response.writeHead(200, { 'content-type': 'application/octet-stream' }).end(Buffer.from([1, 2, 0, 255])),
  '/kept': (_request, response) =>
    response.writeHead(200, { 'content-type': 'application/json', 'cache-control': 'max-age=600' }).end('"kept"'),
  '/kept.js': (_request, response) =>
    response.writeHead(200, { 'content-type': 'text/javascript', 'cache-control': 'max-age=600' }).end('0'),
  '/tagged': (request, response) => {
    if (request.headers['if-none-match'] === '"1"') response.writeHead(304, { etag: '"1"' }).end()
    else response.writeHead(200, { 'content-type': 'application/json', etag: '"1"', 'cache-control': 'no-cache' }).end('"tagged"')
  },
  '/hang': () => undefined,
  '/half': (_request, response) => {
    response.writeHead(200, { ...jsonType, 'content-length': '100' }).write('"half', () => response.destroy())
  },
  '/events': (_request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' }).write('data: one\n\n')
  },
}

/** What the stream tells of requests to these paths, after each of them has ended. */
export async function toldTo(scene: Scene, ...paths: string[]): Promise<Told> {
  const { captured, server } = scene
  const toldOfPath = (path: string): Told => {
    const told = toldOf(captured.drafts, server.port)
    const isAsked = ({ url }: { url?: string | undefined }): boolean => pathOf(url) === path
    return { requests: told.requests.filter(isAsked), responses: told.responses.filter(isAsked), failures: told.failures.filter(isAsked) }
  }
  await captured.untilSo(`an end of ${paths.join(', ')}`, () =>
    paths
      .map(toldOfPath)
      .every(({ requests, responses, failures }) => requests.length > 0 && requests.length <= responses.length + failures.length),
  )
  const told = paths.map(toldOfPath)
  return {
    requests: told.flatMap(({ requests }) => requests),
    responses: told.flatMap(({ responses }) => responses),
    failures: told.flatMap(({ failures }) => failures),
  }
}

export const pathOf = (url: string | undefined): string => new URL(url ?? 'http://none/').pathname

/** Each end as `path status` or `path error`, responses first. */
export function ends(told: Told): string[] {
  return [
    ...told.responses.map(({ url, status }) => `${pathOf(url)} ${status}`),
    ...told.failures.map((data) => `${pathOf(data.url)} ${data.error_text}`),
  ]
}

/** The server saw what the stream tells, and each request has one end, which may still be on its way. */
export async function expectWitnessed(scene: Scene): Promise<void> {
  expect(toldUrls(await toldWhole(scene))).toEqual(seenUrls(scene.server))
}
