/** Hears which sagas have changed. */
type Listener = (ids: Iterable<string>) => void

/** Tells within this process which sagas have changed; what other processes change is not heard here. */
export class Changes {
  readonly #listeners = new Set<Listener>()

  /** These sagas have changed; to be called after the commit. */
  signal(ids: Iterable<string>): void {
    for (const listener of this.#listeners) listener(ids)
  }

  /** Hears of all that changes from now on. */
  listen(listener: Listener): Disposable {
    this.#listeners.add(listener)
    return { [Symbol.dispose]: () => void this.#listeners.delete(listener) }
  }
}
