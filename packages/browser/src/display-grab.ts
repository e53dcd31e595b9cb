// A picture of a whole X display by ffmpeg, made smaller by ffmpeg too until it fits. A process of its own for each step: the collector
// only waits for it. Never decides when to take one, and never opens a display. https://ffmpeg.org/ffmpeg-devices.html#x11grab
import { type ChildProcess, spawn } from 'node:child_process'
import { limits, TelemetryError } from '@tabscope/schema'

export interface GrabOptions {
  /** Such as `:0`. */
  readonly display: string
  /** Most characters of the picture as base64; default `limits.screenshotBytes`. */
  readonly mostChars?: number
  /** Ends it: the deadline is the caller's. */
  readonly signal: AbortSignal
  /** The program; default `ffmpeg` by PATH. */
  readonly ffmpeg?: string
}

const quiet = ['-nostdin', '-hide_banner', '-loglevel', 'error']
const onePng = ['-frames:v', '1', '-c:v', 'png', '-f', 'image2pipe', 'pipe:1']

/** The display as a base64 PNG. Throws `display_grab_failed` or the signal's reason. */
export async function grabDisplay(options: GrabOptions): Promise<string> {
  const mostChars = options.mostChars ?? limits.screenshotBytes
  let picture = await runFfmpeg([...quiet, '-f', 'x11grab', '-i', options.display, ...onePng], options)
  for (let halvings = 0; base64Chars(picture) > mostChars; halvings++) {
    if (halvings === limits.screenshotHalvings) throw failure(options, `its picture is larger than ${mostChars} characters at any size`)
    const half = ['-f', 'png_pipe', '-i', 'pipe:0', '-vf', 'scale=iw/2:ih/2']
    picture = await runFfmpeg([...quiet.slice(1), ...half, ...onePng], options, picture)
  }
  return picture.toString('base64')
}

function base64Chars(bytes: Buffer): number {
  return Math.ceil(bytes.length / 3) * 4
}

function failure({ display }: GrabOptions, reason: string, cause?: unknown): TelemetryError {
  return new TelemetryError('display_grab_failed', { display, reason }, { cause })
}

function runFfmpeg(args: readonly string[], options: GrabOptions, input?: Buffer): Promise<Buffer> {
  const { signal, ffmpeg = 'ffmpeg' } = options
  return new Promise((resolve, reject) => {
    signal.throwIfAborted()
    const child = spawn(ffmpeg, args, { stdio: ['pipe', 'pipe', 'pipe'] })
    const stop = (): void => {
      child.kill('SIGKILL')
      reject(signal.reason)
    }
    signal.addEventListener('abort', stop, { once: true })
    const output = readOutput(child)
    const end = (settle: () => void): void => {
      signal.removeEventListener('abort', stop)
      settle()
    }
    child.once('error', (cause) => end(() => reject(failure(options, `ffmpeg cannot be started (${cause.message})`, cause))))
    // `close` comes after the last byte of its output; `exit` may come before.
    child.once('close', (code) =>
      end(() => {
        const { bytes, isTooMuch, words } = output()
        if (isTooMuch) reject(failure(options, `ffmpeg wrote more than ${limits.displayGrabBytes} bytes`))
        else if (code !== 0 || bytes.length === 0) reject(failure(options, `ffmpeg ended with code ${code}: ${words}`))
        else resolve(bytes)
      }),
    )
    // A program that ends without reading breaks this pipe; its exit code says so.
    child.stdin.on('error', () => undefined)
    child.stdin.end(input)
  })
}

interface Output {
  readonly bytes: Buffer
  readonly isTooMuch: boolean
  /** The last of what it said on stderr, on one line. */
  readonly words: string
}

function readOutput(child: ChildProcess): () => Output {
  const chunks: Buffer[] = []
  let size = 0
  let words = ''
  child.stdout?.on('data', (chunk: Buffer) => {
    size += chunk.length
    if (size <= limits.displayGrabBytes) chunks.push(chunk)
    else child.kill('SIGKILL')
  })
  child.stderr?.on('data', (chunk: Buffer) => {
    words = (words + chunk.toString('utf8')).slice(-limits.ffmpegWordsChars)
  })
  return () => ({ bytes: Buffer.concat(chunks), isTooMuch: size > limits.displayGrabBytes, words: words.trim().replaceAll(/\s+/g, ' ') })
}
