import type { Metrics } from './telemetry.ts'

/** Figures of one pool of database connections: totals since it was opened, and those of this moment. */
type PoolStats = {
  readonly statements: number
  readonly transactions: number
  readonly conflicts: number
  readonly waits: number
  readonly connections: { readonly open: number; readonly idle: number; readonly waiting: number }
}

const TOTALS = {
  statements: 'Statements that were run.',
  transactions: 'Transactions that were begun.',
  conflicts: 'Transactions that were tried again after a conflict.',
  waits: 'How often work had to wait for a connection.',
} as const

/** Shows a service's pool at `/metrics`. */
export const watchPool = (service: string, stats: () => PoolStats, metrics: Metrics): void => {
  const connections = metrics.gauge(
    'argosy_database_connections',
    'Connections of a pool; waiting: work without one.',
    ['service', 'state'],
  )
  const totals = (['statements', 'transactions', 'conflicts', 'waits'] as const).map((name) => {
    const counter = metrics.counter(`argosy_database_${name}_total`, TOTALS[name], ['service'])
    let counted = 0
    return (now: PoolStats): void => {
      counter.add({ service }, now[name] - counted)
      counted = now[name]
    }
  })
  metrics.collect(() => {
    const now = stats()
    for (const total of totals) total(now)
    for (const state of ['open', 'idle', 'waiting'] as const) {
      connections.set({ service, state }, now.connections[state])
    }
  })
}
