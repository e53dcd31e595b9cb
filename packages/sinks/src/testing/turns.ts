// Waiting for what a hand-cranked clock cannot show: that everything which can happen without it has happened.

/** Lets everything run that needs no timer: some turns of the event loop. */
export async function settle(turns = 20): Promise<void> {
  for (let turn = 0; turn < turns; turn++) await new Promise((resolve) => setImmediate(resolve))
}
