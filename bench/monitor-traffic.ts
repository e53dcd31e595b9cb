// The other end of bench/monitor.ts: a process that looks like a Chromium with one tab and sends recorded traffic over and over, each
// round with request ids of its own. Two clients get the same messages: the monitor, and a bare `ws` that only parses. The second asks
// for nothing, so it is sent the answers that the first got (bodies), each at the same place. They are few: in a flood like this most
// bodies are over the monitor's bound of those that wait to be asked for.
import { readFileSync } from 'node:fs'
import { readRecording } from '@tabscope/cdp/testing'
import { type WebSocket, WebSocketServer } from 'ws'

interface Message {
  readonly id?: number
  readonly method?: string
  readonly sessionId?: string
  readonly params?: { readonly requestId?: string; readonly loaderId?: string; readonly args?: unknown }
}

const sessionId = 'bench-session'
const targetInfo = {
  targetId: 'bench-tab',
  type: 'page',
  title: '',
  url: 'about:blank',
  attached: false,
  canAccessOpener: false,
  browserContextId: 'b',
}
const endText = 'bench-end'

// The traffic of the recorded page, from its navigation to its last body, as text with marks where ids go.
function template(): string[] {
  const lines = readRecording(readFileSync(new URL('../fixtures/cdp/page-load.ndjson', import.meta.url), 'utf8'))
  const messages = lines.flatMap((line) => (line.direction === 'in' ? [line.message as Message] : []))
  const document = messages.find((message) => message.method === 'Network.requestWillBeSent')
  const tab = document?.sessionId
  if (tab === undefined) throw new Error('the recording has no request')
  const own = messages.filter((message) => message.sessionId === tab && message.method !== undefined)
  return own.slice(own.indexOf(document as Message)).map((message) => JSON.stringify({ ...message, sessionId }))
}

// Every id that begins a request or a document becomes another one in each round.
function round(texts: readonly string[], ids: readonly string[], number: number): Buffer[] {
  return texts.map((text) => Buffer.from(ids.reduce((changed, id) => changed.replaceAll(`"${id}"`, `"${id}-${number}"`), text)))
}

function idsOf(texts: readonly string[]): string[] {
  const ids = texts.flatMap((text) => {
    const { params } = JSON.parse(text) as Message
    return [params?.requestId, params?.loaderId].filter((id) => id !== undefined && id !== '')
  })
  return [...new Set(ids as string[])]
}

const rounds = Number(process.argv[2] ?? 1000)
const texts = template()
const ids = idsOf(texts)
const frames = Array.from({ length: rounds }, (_, number) => round(texts, ids, number)).flat()
const last = JSON.stringify({
  method: 'Runtime.consoleAPICalled',
  params: { type: 'log', args: [{ type: 'string', value: endText }], executionContextId: 1, timestamp: 1 },
  sessionId,
})
frames.push(Buffer.from(last))

const bodyResult = { body: '{"answer":42}', base64Encoded: false }

/** The bodies that the monitor was sent in its last turn, each with the number of frames before it. */
let bodies: { readonly at: number; readonly answer: Buffer }[] = []
let sentFrames = 0

function withBodies(): Buffer[] {
  const merged: Buffer[] = []
  let from = 0
  for (const { at, answer } of bodies) {
    merged.push(...frames.slice(from, at), answer)
    from = at
  }
  return [...merged, ...frames.slice(from)]
}

const server = new WebSocketServer({ port: 0, host: '127.0.0.1', perMessageDeflate: false })
let current: WebSocket | undefined

function answer(socket: WebSocket, message: Message): void {
  const { id, method } = message
  const send = (value: object): void => socket.send(JSON.stringify(value))
  if (method === 'Target.setDiscoverTargets') send({ method: 'Target.targetCreated', params: { targetInfo } })
  if (method === 'Target.attachToTarget') {
    send({
      method: 'Target.attachedToTarget',
      params: { sessionId, targetInfo: { ...targetInfo, attached: true }, waitingForDebugger: false },
    })
    return send({ id, result: { sessionId } })
  }
  const isBody = method === 'Network.getResponseBody'
  const frameTree = { frame: { id: 'bench-tab', loaderId: 'first', url: 'about:blank', securityOrigin: '', mimeType: 'text/html' } }
  const result = isBody ? bodyResult : method === 'Page.getFrameTree' ? { frameTree } : {}
  const text = JSON.stringify({ id, result, ...(message.sessionId === undefined ? {} : { sessionId: message.sessionId }) })
  if (isBody) bodies.push({ at: sentFrames, answer: Buffer.from(text) })
  socket.send(text)
}

server.on('connection', (socket) => {
  current = socket
  socket.on('message', (data) => answer(socket, JSON.parse(String(data)) as Message))
})
server.on('listening', () => {
  const address = server.address()
  const bytes = frames.reduce((sum, frame) => sum + frame.length, 0)
  process.send?.({ port: typeof address === 'object' && address !== null ? address.port : 0, messages: frames.length, bytes })
})

// As fast as the client takes it: what it has not taken stays in the socket's buffer, up to a bound.
function blast(socket: WebSocket, sent: readonly Buffer[]): void {
  while (sentFrames < sent.length && socket.bufferedAmount < 4_194_304) socket.send(sent[sentFrames++] as Buffer, { binary: false })
  if (sentFrames < sent.length) setImmediate(() => blast(socket, sent))
}

process.on('message', (order: 'to the monitor' | 'to the parser') => {
  if (current === undefined) return
  const sent = order === 'to the parser' ? withBodies() : frames
  if (order === 'to the monitor') bodies = []
  sentFrames = 0
  blast(current, sent)
})
process.on('disconnect', () => process.exit(0))
