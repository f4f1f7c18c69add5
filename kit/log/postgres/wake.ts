/** Tells readers in this process that a commit has brought something new, so that nobody has to poll. */
export class Wake {
  readonly #listeners = new Map<string, Set<() => void>>()

  /** Calls `listener` at every signal for one of the topics, until the returned function is called. */
  on(topics: readonly string[], listener: () => void): () => void {
    for (const topic of topics) {
      const listeners = this.#listeners.get(topic) ?? new Set()
      listeners.add(listener)
      this.#listeners.set(topic, listeners)
    }
    return () => {
      for (const topic of topics) this.#listeners.get(topic)?.delete(listener)
    }
  }

  /** All topics that somebody listens to. */
  get topics(): Iterable<string> {
    return this.#listeners.keys()
  }

  /** Something new under these topics. */
  signal(topics: Iterable<string>): void {
    for (const topic of topics) for (const listener of this.#listeners.get(topic) ?? []) listener()
  }
}
