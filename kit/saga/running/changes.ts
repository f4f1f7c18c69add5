import type { Tx } from '@kit/postgres/queryable'

/** Hears which sagas have changed. */
type Listener = (ids: Iterable<string>) => void

/** Tells within this process which sagas have changed; what other processes change is not heard here. */
export class Changes {
  readonly #listeners = new Set<Listener>()
  readonly #told = new WeakMap<Tx, Set<string>>()

  /** These sagas change in the transaction: once it has committed, each is told of once, however often it is named here. */
  signalAfter(tx: Tx, ids: readonly string[]): void {
    tx.afterCommit(() => {
      const told = this.#told.get(tx) ?? new Set()
      this.#told.set(tx, told)
      const untold = ids.filter((id) => !told.has(id))
      for (const id of untold) told.add(id)
      if (untold.length > 0) for (const listener of this.#listeners) listener(untold)
    })
  }

  /** Hears of all that changes from now on. */
  listen(listener: Listener): Disposable {
    this.#listeners.add(listener)
    return { [Symbol.dispose]: () => void this.#listeners.delete(listener) }
  }
}
