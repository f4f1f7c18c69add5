import { markFault } from '@kit/fault/fault'
import pg from 'pg'
import { ConstraintBroken } from '../queryable.ts'
import { classified } from './sqlstate.ts'

/** What pg reports, as the error that callers meet: ConstraintBroken, a lost connection, or the database's own error. */
export const faultOf = (error: Error): Error => {
  // A socket's error or pg's own: whatever the server said last, it says nothing more.
  if (!(error instanceof pg.DatabaseError)) return connectionLost(error)
  if (error.code?.startsWith('23') !== true) return classified(error)
  return new ConstraintBroken(error.constraint ?? notNull(error), { cause: error })
}

/** The server does not name a broken NOT NULL; PostgreSQL's own default name is given to it. */
const notNull = ({ table, column }: pg.DatabaseError): string => `${table}_${column}_not_null`

/** The connection broke; what was on its way may or may not have happened. */
export const connectionLost = (cause: Error): Error & { code: string } =>
  markFault(
    Object.assign(new Error(`the connection to PostgreSQL was lost: ${cause.message}`, { cause }), {
      code: 'CONNECTION_LOST',
      ...('fix' in cause && { fix: cause.fix }),
    }),
    'transient',
  )

/** A statement that was not run, because one before it in the same transaction had failed: the cause. */
export class NotRun extends Error {
  override readonly name = 'NotRun'
  override readonly cause: Error
  constructor(cause: Error) {
    super(`not run, because an earlier statement failed: ${cause.message}`)
    this.cause = cause
  }
}

/** Why it failed, in the end: a statement that was not run has failed for the reason of the one before it. */
export const rootOf = (error: unknown): unknown => (error instanceof NotRun ? error.cause : error)

/** Serialization failures and deadlocks: the transaction did nothing, and may well work the next time. */
export const isConflict = (error: unknown): boolean =>
  error instanceof pg.DatabaseError && (error.code === '40001' || error.code === '40P01')
