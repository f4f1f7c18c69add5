import type { Queryable } from './queryable.ts'
import type { Statement } from './statement.ts'

const WAIT_SHORTLY: Statement = { name: 'wait shortly for locks', text: "set local lock_timeout = '30ms'" }

/** From here on the transaction waits for no lock longer than 30 ms: what it cannot have is somebody's who may not give it back. */
export const waitShortly = (tx: Queryable): void => void tx.query(WAIT_SHORTLY)

/** After a lock that was not to be had there are likely to be others, for so long, in ms. */
const LATELY = 30_000

/** Remembers that somebody has kept a lock for too long. */
export class Lockouts {
  #until = 0

  saw(error: unknown): void {
    if (isLockedOut(error)) this.#until = performance.now() + LATELY
  }

  get areLikely(): boolean {
    return performance.now() < this.#until
  }
}

/** Whether the error says that somebody else has kept a lock for too long (55P03). */
export const isLockedOut = (error: unknown): boolean => Object(error).code === '55P03'
