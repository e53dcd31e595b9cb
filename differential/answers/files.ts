// Files as answers: fixtures/pages, and under `/npm/<package>/` the pages that npm packages bring with them (fixtures/npm-pages).
import { readFile } from 'node:fs/promises'
import { extname, join, normalize } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Asked } from '../web-server.ts'
import { say } from './say.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))

const npmPages = join(root, 'fixtures/npm-pages/node_modules')
/** It serves files of npm packages by the same paths as we do under `/npm/`; no page can reach it. */
const packageServer = 'https://unpkg.com/'

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.json': 'application/json',
  '.webmanifest': 'application/manifest+json',
  '.txt': 'text/plain; charset=utf-8',
  '.xml': 'application/xml',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.gif': 'image/gif',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.ttf': 'font/ttf',
  '.wav': 'audio/wav',
}

const textTypes = /^(?:text\/|application\/(?:json|xml|manifest\+json)|image\/svg)/

/** The file that the path names, else 404. Never one outside of its folder. */
export async function serveFile(asked: Asked): Promise<void> {
  const path = normalize(decodeURIComponent(asked.url.pathname))
  const isForeign = path.startsWith('/npm/')
  const file = isForeign ? join(npmPages, path.slice('/npm/'.length)) : join(root, 'fixtures/pages', path)
  const body = await readFile(file).catch(() => undefined)
  if (body === undefined) return say(asked, { status: 404, body: 'no such page' })
  const type = types[extname(file)] ?? 'application/octet-stream'
  if (asked.url.searchParams.has('range')) return sayRange(asked, body, type)
  const text = textTypes.test(type) ? body.toString('utf8') : undefined
  say(asked, { headers: { 'content-type': type }, body: (isForeign ? text?.replaceAll(packageServer, '/npm/') : text) ?? body })
}

function sayRange(asked: Asked, body: Buffer, type: string): void {
  const match = /^bytes=(\d+)-(\d*)$/.exec(asked.request.headers.range ?? '')
  const headers = { 'content-type': type, 'accept-ranges': 'bytes' }
  if (match === null) return say(asked, { headers, body })
  const from = Number(match[1])
  const to = match[2] === '' ? body.length - 1 : Math.min(Number(match[2]), body.length - 1)
  if (from >= body.length) return say(asked, { status: 416, headers: { ...headers, 'content-range': `bytes */${body.length}` } })
  const range = { 'content-range': `bytes ${from}-${to}/${body.length}` }
  const part = body.subarray(from, to + 1)
  say(asked, { status: 206, headers: { ...headers, ...range }, body: textTypes.test(type) ? part.toString('utf8') : part })
}
