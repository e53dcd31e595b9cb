// How wide a line may be: as wide as the terminal, or generous where there is none.

const widthWithoutTerminal = 400

/** Most characters of a line on standard output. */
export function lineWidth(): number {
  // A terminal that does not say how wide it is counts 0 columns.
  return process.stdout.isTTY && process.stdout.columns > 0 ? process.stdout.columns : widthWithoutTerminal
}
