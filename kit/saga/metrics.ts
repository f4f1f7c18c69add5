import type { Queryable } from '@kit/postgres/queryable'
import { sql } from '@kit/postgres/statement'
import type { Metrics } from '@kit/telemetry/telemetry'
import type { Saga } from './saga.ts'
import type { Status } from './state.ts'

const countOpenSagas = sql<{ status: Status; sagas: number; seconds: number }>(import.meta.url, 'count-open-sagas.sql')

const OPEN: readonly Status[] = ['asking', 'undoing', 'settling']

/** Publishes how many sagas are open, by status, and how old the oldest is. Asked at every scrape. */
export const watchSagas = (saga: Saga, db: Queryable, metrics: Metrics): void => {
  const labels = ['saga', 'status']
  const open = metrics.gauge('argosy_sagas_open', 'Sagas that have not ended, by status.', labels)
  const oldest = metrics.gauge('argosy_saga_oldest_seconds', 'Age of the oldest saga that has not ended.', labels)
  metrics.collect(async () => {
    const rows = new Map((await db.query(countOpenSagas, [saga.name])).map((row) => [row.status, row]))
    for (const status of OPEN) {
      open.set({ saga: saga.name, status }, rows.get(status)?.sagas ?? 0)
      oldest.set({ saga: saga.name, status }, rows.get(status)?.seconds ?? 0)
    }
  })
}
