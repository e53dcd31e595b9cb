// Saves a sink's place while the sink goes on: one save at a time, always the newest place. A disk that refuses is told once and tried
// again with the next place; nothing depends on it but where a restart begins.
import type { Checkpoint, Place } from './checkpoint.ts'
import { messageOf } from './sink-trouble.ts'

export interface CheckpointWriter {
  /** Everything up to here is there. Returns at once. */
  note(place: Place): void
  /** Resolves when the newest place was saved, or refused. */
  settle(): Promise<void>
}

/** `onTrouble` is told of the first of several refusals. */
export function createCheckpointWriter(checkpoint: Checkpoint, onTrouble: (message: string) => void): CheckpointWriter {
  let newest: Place | undefined
  let isRefused = false
  let saving: Promise<void> | undefined
  const saveAll = async (): Promise<void> => {
    for (let place = newest; place !== undefined; place = newest) {
      newest = undefined
      try {
        await checkpoint.save(place)
        isRefused = false
      } catch (error) {
        if (!isRefused) onTrouble(messageOf(error))
        isRefused = true
      }
    }
    saving = undefined
  }
  return {
    note: (place) => {
      newest = place
      saving ??= saveAll()
    },
    settle: async () => saving,
  }
}
