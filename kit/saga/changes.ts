/** Whoever watches one saga. */
export type Watch = Disposable & {
  /** Resolves when the saga has changed since the last call, after `ms`, or when `signal` is aborted. */
  readonly next: (ms: number, signal: AbortSignal) => Promise<void>
}

/** Tells whoever watches a saga in this process that it has changed. Other processes are not heard: look again slowly. */
export class Changes {
  readonly #watchers = new Map<string, Set<() => void>>()

  /** These sagas have changed; to be called after the commit. */
  signal(ids: Iterable<string>): void {
    if (this.#watchers.size === 0) return
    for (const id of ids) for (const wake of this.#watchers.get(id) ?? []) wake()
  }

  /** Begins to listen; what changes from now on is not missed. */
  watch(id: string): Watch {
    let changed = false
    let rouse: (() => void) | undefined
    const wake = (): void => {
      changed = true
      rouse?.()
    }
    const watchers = this.#watchers.get(id) ?? new Set()
    this.#watchers.set(id, watchers.add(wake))
    return {
      next: async (ms, signal) => {
        const { promise, resolve } = Promise.withResolvers<void>()
        rouse = resolve
        const timer = setTimeout(resolve, ms)
        signal.addEventListener('abort', rouse)
        if (changed || signal.aborted) resolve()
        await promise
        clearTimeout(timer)
        signal.removeEventListener('abort', rouse)
        changed = false
      },
      [Symbol.dispose]: () => {
        watchers.delete(wake)
        if (watchers.size === 0) this.#watchers.delete(id)
      },
    }
  }
}
