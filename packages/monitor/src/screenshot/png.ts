// Reads the size of a PNG from its first bytes. https://www.w3.org/TR/png-3/#11IHDR

const signature = '89504e470d0a1a0a'
const headerChars = 32

/** Width and height in pixels of a base64 PNG; undefined when it is none. */
export function pngSize(base64: string): { readonly width: number; readonly height: number } | undefined {
  const header = Buffer.from(base64.slice(0, headerChars), 'base64')
  if (header.length < 24 || header.toString('hex', 0, 8) !== signature) return undefined
  return { width: header.readUInt32BE(16), height: header.readUInt32BE(20) }
}
