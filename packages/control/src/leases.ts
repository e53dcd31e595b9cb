// The socket at which the servers of browsers tell that they are there. An open connection is a lease: while it stands, the server lives
// and is ours. It is in a folder that only this user may enter, so that nobody else can pose as a server or as the control plane.
import { createHash } from 'node:crypto'
import { lstat, mkdir, rm } from 'node:fs/promises'
import { createServer, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type LineSocket, lineSocket } from '@tabscope/http'
import {
  type Clock,
  type ExportFigures,
  limits,
  type OwnedMessage,
  type OwnerMessage,
  ownedMessageSchema,
  TelemetryError,
} from '@tabscope/schema'

export interface Lease {
  readonly pid: number
  /** Resolves when nothing more can come. */
  readonly closed: Promise<void>
  send(message: OwnerMessage): void
  close(): void
}

/** What a server tells of itself once it is known. */
export interface LeaseEvents {
  readonly onReady: (url: string) => void
  readonly onEnding: (reason: string) => void
  readonly onExported: (figures: ExportFigures) => void
  readonly onClosed: () => void
}

export interface LeasesOptions {
  readonly dataDirectory: string
  readonly clock: Clock
  /** Takes on a server that says it is of that browser; undefined = it is none of ours, and is told to end. */
  readonly claim: (browser: string, lease: Lease) => LeaseEvents | undefined
}

export interface Leases extends AsyncDisposable {
  readonly socketPath: string
  close(): Promise<void>
}

/** Opens the socket. The data folder must be locked by this process: a socket that is there already is left over and goes. */
export async function openLeases(options: LeasesOptions): Promise<Leases> {
  const socketPath = await socketPathFor(options.dataDirectory)
  await rm(socketPath, { force: true })
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
    meet(socket, options)
  })
  await listenOn(server, socketPath)
  const close = async (): Promise<void> => {
    const closed = new Promise<void>((resolve) => server.close(() => resolve()))
    for (const socket of sockets) socket.destroy()
    await closed
  }
  return { socketPath, close, [Symbol.asyncDispose]: close }
}

function listenOn(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(path, resolve)
  })
}

/** The first message says who it is; until then it may say nothing else. */
function meet(socket: Socket, options: LeasesOptions): void {
  let events: LeaseEvents | undefined
  const late = options.clock.schedule(options.clock.monotonicMs() + limits.ownerHelloMs, () => {
    if (events === undefined) socket.destroy()
  })
  const greet = (message: OwnedMessage): void => {
    if (message.kind !== 'hello') {
      socket.destroy()
      return
    }
    const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()))
    events = options.claim(message.browser, { pid: message.pid, closed, send: line.send, close: line.close })
    line.send({ kind: events === undefined ? 'end' : 'welcome' })
    if (events === undefined) line.close()
  }
  const line: LineSocket<OwnerMessage> = lineSocket<OwnedMessage, OwnerMessage>(socket, {
    schema: ownedMessageSchema,
    onMessage: (message) => {
      if (events === undefined) greet(message)
      else if (message.kind === 'ready') events.onReady(message.url)
      else if (message.kind === 'ending') events.onEnding(message.reason)
      else if (message.kind === 'exported') events.onExported(message.figures)
      else socket.destroy()
    },
    onClosed: () => {
      late()
      events?.onClosed()
    },
  })
}

// sun_path has 108 bytes; a folder deeper than that gets a short path of its own in the temporary folder.
const longestPathBytes = 100

/** Where the servers of this data folder find their control plane: the same path after every restart. */
async function socketPathFor(dataDirectory: string): Promise<string> {
  const inFolder = join(dataDirectory, 'control.sock')
  if (Buffer.byteLength(inFolder) <= longestPathBytes) return inFolder
  const hash = createHash('sha256').update(dataDirectory).digest('hex').slice(0, 24)
  const folder = join(tmpdir(), `tabscope-control-${hash}`)
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const found = await lstat(folder)
  // Somebody else may have made it first, to listen in our place.
  const isOurs = found.isDirectory() && (process.getuid === undefined || found.uid === process.getuid()) && (found.mode & 0o077) === 0
  if (!isOurs) {
    throw new TelemetryError('data_folder_not_writable', { directory: folder, reason: 'it belongs to somebody else' })
  }
  return join(folder, 'control.sock')
}
