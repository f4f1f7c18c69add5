import type { Queryable } from '@kit/postgres/queryable'
import { sql } from '@kit/postgres/statement'
import type { Metrics } from '@kit/telemetry/telemetry'
import { stepNamesOf } from '../definition.ts'
import type { Saga } from '../saga.ts'
import type { Status } from '../state.ts'

type Row = {
  readonly status: Status
  readonly sagas: number
  readonly seconds: number
  /** Those among them that this release cannot finish. */
  readonly foreign_sagas: number
}

const countOpenSagas = sql<Row>(import.meta.url, 'count-open-sagas.sql')

const OPEN: readonly Status[] = ['asking', 'undoing', 'settling']

/** Publishes how many sagas are open, by status, how old the oldest is, and how many wait for another release. */
export const watchSagas = (saga: Saga, db: Queryable, metrics: Metrics): void => {
  const labels = ['saga', 'status']
  const open = metrics.gauge('argosy_sagas_open', 'Sagas that have not ended, by status.', labels)
  const oldest = metrics.gauge('argosy_saga_oldest_seconds', 'Age of the oldest saga that has not ended.', labels)
  const foreign = metrics.gauge(
    'argosy_sagas_foreign',
    'Open sagas that this release cannot finish: they wait for an instance of the one that began them.',
    ['saga'],
  )
  metrics.collect(async () => {
    const counted = await db.query(countOpenSagas, [saga.name, saga.definitions, stepNamesOf(saga)])
    foreign.set(
      { saga: saga.name },
      counted.reduce((sum, { foreign_sagas }) => sum + foreign_sagas, 0),
    )
    const rows = new Map(counted.map((row) => [row.status, row]))
    for (const status of OPEN) {
      open.set({ saga: saga.name, status }, rows.get(status)?.sagas ?? 0)
      oldest.set({ saga: saga.name, status }, rows.get(status)?.seconds ?? 0)
    }
  })
}
