import type { Queryable } from '@kit/postgres/queryable'
import { sql } from '@kit/postgres/statement'
import type { Metrics } from '@kit/telemetry/telemetry'

type Row = {
  readonly type: string
  readonly waiting: number
  readonly retrying: number
  readonly dead: number
  readonly seconds: number
}

const countJobs = sql<Row>(import.meta.url, 'count-jobs.sql')

/** Counting stops there. */
const MOST = 10_000

/** Publishes a service's jobs by their types: those that are due, how late the oldest is, those to be tried again, the dead. */
export const watchJobs = (service: string, types: readonly string[], db: Queryable, metrics: Metrics): void => {
  const gauge = (name: string, help: string) => metrics.gauge(name, help, ['service', 'type'])
  const waiting = gauge('argosy_jobs_waiting', `Jobs that are due and have no end yet; ${MOST} or more are shown so.`)
  const oldest = gauge('argosy_jobs_oldest_seconds', 'For how long the oldest waiting job has been due.')
  const retrying = gauge('argosy_jobs_retrying', 'Jobs that have failed and wait, an hour at most, for another try.')
  const dead = gauge('argosy_jobs_dead', 'Jobs whose last try has failed; dead letters, too.')
  metrics.collect(async () => {
    const rows = new Map((await db.query(countJobs, [MOST])).map((row) => [row.type, row]))
    for (const type of new Set([...types, ...rows.keys()])) {
      const row = rows.get(type)
      const labels = { service, type }
      waiting.set(labels, Math.min(MOST, row?.waiting ?? 0))
      oldest.set(labels, row?.seconds ?? 0)
      retrying.set(labels, row?.retrying ?? 0)
      dead.set(labels, row?.dead ?? 0)
    }
  })
}
