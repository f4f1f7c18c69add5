/** Tells whoever watches a saga in this process that it has changed. Other processes are not heard: look again slowly. */
export class Changes {
  readonly #watchers = new Map<string, Set<() => void>>()

  /** These sagas have changed; to be called after the commit. */
  signal(ids: Iterable<string>): void {
    if (this.#watchers.size === 0) return
    for (const id of ids) for (const wake of this.#watchers.get(id) ?? []) wake()
  }

  /** Resolves at the next change, after `ms`, or when `signal` is aborted. Ask before reading, so that nothing is missed. */
  async next(id: string, ms: number, signal: AbortSignal): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    const watchers = this.#watchers.get(id) ?? new Set()
    this.#watchers.set(id, watchers.add(resolve))
    const timer = setTimeout(resolve, ms)
    const aborted = () => resolve()
    signal.addEventListener('abort', aborted)
    if (signal.aborted) resolve()
    try {
      await promise
    } finally {
      clearTimeout(timer)
      signal.removeEventListener('abort', aborted)
      watchers.delete(resolve)
      if (watchers.size === 0) this.#watchers.delete(id)
    }
  }
}
