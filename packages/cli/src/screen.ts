// How wide a line may be: as wide as the terminal, or generous where there is none.

const widthWithoutTerminal = 400

/** Most characters of a line on standard output. */
export function lineWidth(): number {
  return process.stdout.isTTY ? process.stdout.columns : widthWithoutTerminal
}
