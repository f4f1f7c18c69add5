import type { Queryable } from '@kit/postgres/queryable'
import { sql } from '@kit/postgres/statement'
import type { Telemetry } from '@kit/telemetry/telemetry'
import { Loop } from './loop.ts'

const deleteRead = sql<{ seq: number }>(import.meta.url, 'delete-read.sql')
const selectLag = sql<{ reader_group: string; seconds: number; rows: number }>(import.meta.url, 'lag.sql')

const BATCH = 2_000
const EVERY = 30_000

/** Deletes rows of the log that every group has read and that are older than `keep` seconds. Returns how many. */
export const deleteReadRows = async (db: Queryable, keep: number): Promise<number> =>
  (await db.query(deleteRead, [keep, BATCH])).length

/** Keeps the log short while the process runs. Two processes that do it at once do no harm. */
export const startRetention = (db: Queryable, keep: number, { log }: Telemetry): AsyncDisposable => {
  const loop = new Loop(
    async () => ((await deleteReadRows(db, keep)) === BATCH ? 'handled' : 'idle'),
    log,
    undefined,
    EVERY,
  )
  loop.start()
  return loop
}

/** Publishes how far each group is behind: `argosy_reader_lag_seconds` and `argosy_reader_lag_rows`. */
export const watchLag = (db: Queryable, { metrics }: Telemetry): void => {
  const seconds = metrics.gauge('argosy_reader_lag_seconds', 'Age of the oldest log row that a group has not read.', [
    'group',
  ])
  const rows = metrics.gauge('argosy_reader_lag_rows', 'Log rows that a group has not read, counted up to 10,000.', [
    'group',
  ])
  metrics.collect(async () => {
    for (const lag of await db.query(selectLag)) {
      seconds.set({ group: lag.reader_group }, lag.seconds)
      rows.set({ group: lag.reader_group }, lag.rows)
    }
  })
}
