// Decodes the PNGs that tests look into: 8 bits a channel, RGB or RGBA, not interlaced. https://www.w3.org/TR/png-3/
import { inflateSync } from 'node:zlib'

export interface DecodedPng {
  readonly width: number
  readonly height: number
  /** Bytes of one pixel. */
  readonly channels: number
  readonly pixels: Buffer
}

const channelsOf: Readonly<Record<number, number>> = { 2: 3, 6: 4 }

/** The picture in a base64 PNG. Throws when it is another kind, or damaged. */
export function readPng(base64: string): DecodedPng {
  const file = Buffer.from(base64, 'base64')
  if (file.toString('latin1', 1, 4) !== 'PNG') throw new Error('not a PNG')
  const data: Buffer[] = []
  for (let at = 8; at < file.length; ) {
    const length = file.readUInt32BE(at)
    if (file.toString('latin1', at + 4, at + 8) === 'IDAT') data.push(file.subarray(at + 8, at + 8 + length))
    at += length + 12
  }
  const [width, height, depth, colour, interlace] = [file.readUInt32BE(16), file.readUInt32BE(20), file[24], file[25] ?? 0, file[28]]
  const channels = channelsOf[colour]
  if (depth !== 8 || channels === undefined || interlace !== 0) throw new Error(`a PNG of depth ${depth}, colour type ${colour}`)
  return {
    width,
    height,
    channels,
    pixels: unfilter(inflateSync(Buffer.concat(data)), { rows: height, rowBytes: width * channels, channels }),
  }
}

/** Red, green and blue of one pixel. */
export function pixelAt(png: DecodedPng, x: number, y: number): readonly number[] {
  const at = (y * png.width + x) * png.channels
  return [...png.pixels.subarray(at, at + 3)]
}

/** How many pixels have exactly this colour. */
export function countPixels({ pixels, channels }: DecodedPng, [red, green, blue]: readonly [number, number, number]): number {
  let count = 0
  for (let at = 0; at < pixels.length; at += channels) {
    if (pixels[at] === red && pixels[at + 1] === green && pixels[at + 2] === blue) count++
  }
  return count
}

function unfilter(raw: Buffer, { rows, rowBytes, channels }: { rows: number; rowBytes: number; channels: number }): Buffer {
  const out = Buffer.alloc(rows * rowBytes)
  for (let row = 0; row < rows; row++) {
    const from = row * (rowBytes + 1)
    const filter = raw[from]
    const to = row * rowBytes
    for (let x = 0; x < rowBytes; x++) {
      const left = x >= channels ? (out[to + x - channels] ?? 0) : 0
      const up = row > 0 ? (out[to + x - rowBytes] ?? 0) : 0
      const upLeft = row > 0 && x >= channels ? (out[to + x - rowBytes - channels] ?? 0) : 0
      out[to + x] = (raw[from + 1 + x] ?? 0) + predicted(filter, { left, up, upLeft })
    }
  }
  return out
}

function predicted(filter: number | undefined, { left, up, upLeft }: { left: number; up: number; upLeft: number }): number {
  if (filter === 0) return 0
  if (filter === 1) return left
  if (filter === 2) return up
  if (filter === 3) return (left + up) >> 1
  const [toLeft, toUp, toUpLeft] = [Math.abs(up - upLeft), Math.abs(left - upLeft), Math.abs(left + up - 2 * upLeft)]
  if (toLeft <= toUp && toLeft <= toUpLeft) return left
  return toUp <= toUpLeft ? up : upLeft
}
