import type { State } from '../state.ts'

/** A saga as it was last written by this process. */
export type Remembered = {
  readonly id: string
  readonly data: unknown
  readonly state: State
  readonly version: number
  /** The version of the definition that it began with. */
  readonly definition: number
}

/** Open sagas beyond this many are read from the database again. */
const MOST = 20_000

/**
 * The open sagas that this process has written last, so that a reply need not read its saga first. It is a cache only:
 * the version in `save_sagas` refuses a write on what has changed elsewhere, and the repeated batch reads the database.
 */
export class SagaMemory {
  readonly #sagas = new Map<string, Remembered>()

  /** Hands over what it knows of these sagas and forgets it: only a commit makes it known again. */
  take(ids: Iterable<string>): { readonly known: readonly Remembered[]; readonly unknown: readonly string[] } {
    const known: Remembered[] = []
    const unknown: string[] = []
    for (const id of ids) {
      const saga = this.#sagas.get(id)
      if (saga === undefined) unknown.push(id)
      else if (this.#sagas.delete(id)) known.push(saga)
    }
    return { known, unknown }
  }

  /** Remembers committed sagas; the oldest give way. */
  keep(sagas: Iterable<Remembered>): void {
    for (const saga of sagas) this.#sagas.set(saga.id, saga)
    for (const id of this.#sagas.keys()) {
      if (this.#sagas.size <= MOST) return
      this.#sagas.delete(id)
    }
  }
}
