import type { Queryable } from '@kit/postgres/queryable'
import type { Statement } from '@kit/postgres/statement'
import type { Logger } from '@kit/telemetry/telemetry'
import { Loop, type Found } from './loop.ts'

const BATCH = 2_000

export type Deleting = {
  readonly db: Queryable
  /** Deletes what is older than $1 seconds, at most $2 rows, and returns a row for each. */
  readonly statement: Statement
  /** How long rows are kept, in seconds. */
  readonly keep: number
  /** How often to look for older ones, in ms. */
  readonly every: number
  readonly log: Logger
}

/** Keeps a table short while the process runs. Two processes that do it at once do no harm. */
export const startDeleting = ({ db, statement, keep, every, log }: Deleting): AsyncDisposable => {
  const deleteSome = async (): Promise<Found> =>
    (await db.query(statement, [keep, BATCH])).length === BATCH ? 'handled' : 'idle'
  const loop = new Loop(deleteSome, log, undefined, { poll: every })
  loop.start()
  return loop
}
