import type { Queryable } from '@kit/postgres/queryable'
import { sql } from '@kit/postgres/statement'
import type { Telemetry } from '@kit/telemetry/telemetry'
import { Loop } from './loop.ts'

const deleteRead = sql<{ seq: number }>(import.meta.url, 'delete-read.sql')

const BATCH = 2_000
const EVERY = 30_000

/** Deletes rows of the log that every group has read and that are older than `keep` seconds. Returns how many. */
export const deleteReadRows = async (db: Queryable, keep: number): Promise<number> =>
  (await db.query(deleteRead, [keep, BATCH])).length

/** Keeps the log short while the process runs. Two processes that do it at once do no harm. */
export const startRetention = (db: Queryable, keep: number, { log }: Telemetry): AsyncDisposable => {
  const loop = new Loop(async () => ((await deleteReadRows(db, keep)) === BATCH ? 'handled' : 'idle'), log, undefined, {
    poll: EVERY,
  })
  loop.start()
  return loop
}
