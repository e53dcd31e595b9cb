// The file that says which numbers may have been used: two slots, written in turn and in place, so that a torn write leaves
// the other one, and so that a full disk can still take it. Text, for people; each slot has its checksum.
import { TelemetryError } from '@tabscope/schema'
import { checksumOf } from './checksum.ts'
import { type FileSystem, type OpenFile, readBytes } from './files.ts'

/** What one slot says. */
export interface Reservation {
  /** No number above this one was ever given. */
  readonly reservedToSeq: number
  /** Numbers up to this one were removed by retention. */
  readonly evictedToSeq: number
  /** True when the run stopped in order: then `reservedToSeq` is the last number that was given. */
  readonly isClean: boolean
}

export interface SequenceFile {
  /** The newest readable slot; undefined in a new file, or when both are damaged. */
  readonly found: Reservation | undefined
  /** Whether a slot holds something that is not a reservation: a torn write, or damage. */
  readonly isDamaged: boolean
  /** When it resolves the reservation survives a power cut. One at a time. */
  write(reservation: Reservation): Promise<void>
  close(): Promise<void>
}

const formatVersion = 1
const slotBytes = 512
// Apart from each other by a page, so that one torn page cannot take both.
const slotPositions = [0, 4096] as const

interface Slot extends Reservation {
  readonly generation: number
}

function formatSlot(slot: Slot): Buffer {
  const json = JSON.stringify({
    version: formatVersion,
    generation: slot.generation,
    reserved_to: slot.reservedToSeq,
    evicted_to: slot.evictedToSeq,
    clean: slot.isClean,
  })
  const checksum = checksumOf([Buffer.from(json)])
    .toString(16)
    .padStart(8, '0')
  return Buffer.from(`${`${json} ${checksum}`.padEnd(slotBytes - 1)}\n`)
}

function parseSlot(bytes: Buffer, folder: string): Slot | undefined {
  const match = /^(\{[^}]*\}) ([0-9a-f]{8}) *\n$/.exec(bytes.toString('latin1'))
  const json = match?.[1]
  if (json === undefined || checksumOf([Buffer.from(json)]) !== Number.parseInt(match?.[2] ?? '', 16)) return undefined
  const { version, generation, reserved_to, evicted_to, clean } = JSON.parse(json) as Readonly<Record<string, unknown>>
  if (version !== formatVersion) throw new TelemetryError('data_folder_newer', { directory: folder, version: Number(version) })
  return { generation: Number(generation), reservedToSeq: Number(reserved_to), evictedToSeq: Number(evicted_to), isClean: clean === true }
}

async function readSlots(file: OpenFile, folder: string): Promise<{ newest: Slot | undefined; isDamaged: boolean }> {
  let newest: Slot | undefined
  let isDamaged = false
  for (const position of slotPositions) {
    const bytes = await readBytes(file, position, slotBytes)
    const slot = parseSlot(bytes, folder)
    if (slot === undefined) isDamaged ||= bytes.some((byte) => byte !== 0)
    else if (newest === undefined || slot.generation > newest.generation) newest = slot
  }
  return { newest, isDamaged }
}

/** Opens or makes the file `sequence` of a data folder. */
export async function openSequenceFile(files: FileSystem, folder: string): Promise<SequenceFile> {
  const file = await files.open(`${folder}/sequence`, 'write')
  const { newest, isDamaged } = await readSlots(file, folder)
  let generation = newest?.generation ?? 0
  return {
    found: newest,
    isDamaged,
    write: async (reservation) => {
      const next = generation + 1
      await file.write([formatSlot({ ...reservation, generation: next })], slotPositions[next % 2] ?? 0)
      await file.sync()
      generation = next
    },
    close: () => file.close(),
  }
}
