import type { Queryable } from '@kit/postgres/queryable'
import { sql } from '@kit/postgres/statement'
import type { Telemetry } from '@kit/telemetry/telemetry'

const selectLag = sql<{ reader_group: string; seconds: number; rows: number }>(import.meta.url, 'lag.sql')

/**
 * Publishes how far each group is behind, `argosy_reader_lag_seconds` and `argosy_reader_lag_rows`, and for the log as a
 * whole `argosy_outbox_oldest_seconds`: one figure to alert on, 0 when every group has read everything. Asked at every
 * scrape. Rows of topics that no group reads do not count.
 */
export const watchLag = (db: Queryable, { metrics }: Pick<Telemetry, 'metrics'>): void => {
  const labels = ['group']
  const seconds = metrics.gauge(
    'argosy_reader_lag_seconds',
    'Age of the oldest log row that a group has not read.',
    labels,
  )
  const rows = metrics.gauge(
    'argosy_reader_lag_rows',
    'Log rows that a group has not read, counted up to 10,000.',
    labels,
  )
  const oldest = metrics.gauge(
    'argosy_outbox_oldest_seconds',
    'Age of the oldest log row that some group has not read.',
  )
  metrics.collect(async () => {
    const lags = await db.query(selectLag)
    for (const lag of lags) {
      seconds.set({ group: lag.reader_group }, lag.seconds)
      rows.set({ group: lag.reader_group }, lag.rows)
    }
    oldest.set({}, Math.max(0, ...lags.map((lag) => lag.seconds)))
  })
}
