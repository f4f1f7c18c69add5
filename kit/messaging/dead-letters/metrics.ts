import type { Queryable } from '@kit/postgres/queryable'
import { sql } from '@kit/postgres/statement'
import type { Metrics } from '@kit/telemetry/telemetry'
import type { DeadLetter } from './letters.ts'

const countDeadLetters = sql<{ state: DeadLetter['state']; letters: number }>(import.meta.url, 'count-dead-letters.sql')

const STATES: readonly DeadLetter['state'][] = ['parked', 'behind', 'replay', 'kept-back']

/** Publishes how many messages of a service wait because they, or one before them, could not be handled. */
export const watchDeadLetters = (service: string, db: Queryable, metrics: Metrics): void => {
  const gauge = metrics.gauge(
    'argosy_dead_letters',
    'Messages that could not be handled (parked), those that wait behind them, for an instance that knows them (kept-back) or for ' +
      'their next try (replay).',
    ['service', 'state'],
  )
  metrics.collect(async () => {
    const counted = new Map((await db.query(countDeadLetters)).map(({ state, letters }) => [state, letters]))
    for (const state of STATES) gauge.set({ service, state }, counted.get(state) ?? 0)
  })
}
