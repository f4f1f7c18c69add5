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
  /** Runs `fn` once the transaction has committed; never if it has not. */
  readonly afterCommit: (fn: () => void) => void
  /** Runs `work` under a savepoint: when it throws, what it did is undone and the transaction goes on. Rethrows. */
  readonly savepoint: <T>(work: () => Promise<T>) => Promise<T>
}

/** A service's own schema under its own role. */
export type Database = Queryable & {
  /**
   * Runs `work` in one transaction and commits. An error rolls back and is rethrown; a serialization failure or deadlock
   * (SQLSTATE 40001, 40P01) is retried a few times with jitter.
   */
  readonly transaction: <T>(work: (tx: Tx) => Promise<T>) => Promise<T>
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

/** Whether trying the same work again may succeed: lost connections, serialization failures, timeouts, shutdowns. */
export const isTransient = (error: unknown): boolean => {
  if (typeof error !== 'object' || error === null || !('code' in error)) return false
  const code = String(error.code)
  return TRANSIENT.has(code) || TRANSIENT_CLASSES.has(code.slice(0, 2)) || code.startsWith('57P')
}

/** Classes of SQLSTATE: connections lost, and a server short of disk, memory or connections. */
const TRANSIENT_CLASSES = new Set(['08', '53', '58'])

const TRANSIENT = new Set([
  '40001', // serialization failure
  '40P01', // deadlock
  '40003', // whether it was committed is not known
  '55P03', // a lock was not to be had in time
  '57014', // cancelled, by statement_timeout for one
  '25006', // the server only reads: a failover has left us with what was its standby
  '25P03', // the transaction was idle for too long
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EAI_AGAIN', // the name server does not answer
  'ECONNRESET',
  'ECONNREFUSED',
  'EPIPE', // written to a connection that the server had closed
  'ETIMEDOUT',
  'ENOENT', // the embedded server's socket is not there yet, or not there while it starts again
  'CONNECTION_LOST', // ours: the connection ended under a statement
  'NOT_BEGUN', // ours: turned away, for too many wait
])
