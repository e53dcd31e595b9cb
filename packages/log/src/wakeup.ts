// Tells listeners that something moved on, once per turn of the event loop however often it did. Carries no data: who is
// woken looks for himself, so nothing is queued here. Never calls a listener from inside `notify`.

export interface Wakeup {
  notify(): void
  /** Calls `listener` after each turn with a `notify`, until the returned function is called. */
  subscribe(listener: () => void): () => void
}

/** A wake-up without listeners. */
export function createWakeup(): Wakeup {
  // A listener may subscribe twice, so each subscription is an object of its own.
  const subscriptions = new Set<{ readonly run: () => void }>()
  let isScheduled = false
  const wake = (): void => {
    isScheduled = false
    for (const subscription of [...subscriptions]) if (subscriptions.has(subscription)) subscription.run()
  }
  return {
    notify: () => {
      if (isScheduled || subscriptions.size === 0) return
      isScheduled = true
      // An immediate runs after all sockets of this turn were read: under load one call for many records, idle no delay.
      setImmediate(wake)
    },
    subscribe: (run) => {
      const subscription = { run }
      subscriptions.add(subscription)
      return () => {
        subscriptions.delete(subscription)
      }
    },
  }
}
