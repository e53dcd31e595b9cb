// CRC-32 as zlib has it (in Node since 20.15), over data in several pieces. Finds torn writes and rotten bits; nobody's signature.
import { crc32 } from 'node:zlib'

/** The checksum of the chunks one after the other, going on from that of what came before them. */
export function checksumOf(chunks: readonly Uint8Array[], before = 0): number {
  return chunks.reduce((sum, chunk) => crc32(chunk, sum), before)
}
