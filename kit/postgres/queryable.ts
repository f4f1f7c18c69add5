import type { Statement } from './statement.ts'

/** What can run a statement: a pool or an open transaction. */
export type Queryable = {
  /** Runs a prepared statement. Values are sent as parameters, never spliced into the text. */
  readonly query: <Row>(statement: Statement<Row>, values?: readonly unknown[]) => Promise<readonly Row[]>
}

/**
 * An open transaction. Statements issued without awaiting travel together (protocol pipelining). One that nobody awaits is
 * awaited by the end of its savepoint or by the commit, and its error is the error of that.
 */
export type Tx = Queryable & {
  /**
   * Runs `fn` once, when the work has returned and before the commit is issued; in the order of the calls, with those that come
   * meanwhile last. Never if the work has failed, or the savepoint that it was asked for in is undone. What it issues and does
   * not await travels with the commit; what it throws is the error of the transaction.
   */
  readonly beforeCommit: (fn: () => void | Promise<void>) => void
  /** Runs `fn` once the transaction has committed; never if it has not. */
  readonly afterCommit: (fn: () => void) => void
  /**
   * The same transaction for another service that the connection is shared with: under its role, in its schema. Throws where the
   * connection is one service's.
   */
  readonly as: (service: string) => Tx
  /** Runs `work` under a savepoint: when it throws, what it did is undone and the transaction goes on. Rethrows. */
  readonly savepoint: <T>(work: () => Promise<T>) => Promise<T>
  /** Whether a savepoint is open: what is done now may be undone and the transaction go on. */
  readonly inSavepoint: () => boolean
  /**
   * Runs `fn` when a savepoint that is open now is undone, the latest first: for what is known in memory of this
   * transaction. Forgotten when none is open, and with the end of the outermost.
   */
  readonly onUndo: (fn: () => void) => void
}

export type Transacting = {
  /** For work that can go round: it waits for no lock longer than 30 ms while somebody has lately kept one for too long. */
  readonly goesRound?: boolean
}

/** A service's own schema under its own role. */
export type Database = Queryable & {
  /**
   * Runs `work` in one transaction and commits. An error rolls back and is rethrown; a serialization failure or deadlock
   * (SQLSTATE 40001, 40P01) is retried a few times with jitter.
   */
  readonly transaction: <T>(work: (tx: Tx) => Promise<T>, how?: Transacting) => Promise<T>
}

/** A row broke a named constraint; the caller decides which refusal that is. */
export class ConstraintBroken extends Error {
  override readonly name = 'ConstraintBroken'
  readonly constraint: string
  constructor(constraint: string, options?: ErrorOptions) {
    super(`constraint ${constraint} does not allow this`, options)
    this.constraint = constraint
  }
}
