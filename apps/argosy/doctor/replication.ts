import type { Finding } from './check.ts'
import type { Durability } from './durability.ts'

/** `sync_state` is null for a user who may not see it. */
export type Replica = { readonly sync_state: string | null }

const name = 'replication'
const SAFE = new Set(['sync', 'quorum'])

/** Whether a replica that takes the server's place has all that was answered with success. */
export const replication = (server: Durability, replicas: readonly Replica[]): readonly Finding[] => {
  const { synchronous_commit, standby_names, user } = server
  const safe = replicas.filter(({ sync_state }) => sync_state !== null && SAFE.has(sync_state)).length
  const count = `${replicas.length} ${replicas.length === 1 ? 'replica' : 'replicas'}`
  if (replicas.some(({ sync_state }) => sync_state === null)) {
    const found = `${count}; this user may not see whether one is synchronous`
    return [{ name, verdict: 'warning', found, fix: `grant pg_monitor to "${user}"` }]
  }
  if (standby_names !== '' && safe === 0 && synchronous_commit !== 'off' && synchronous_commit !== 'local') {
    const found = `no replica of synchronous_standby_names is connected: every commit waits for one`
    return [
      { name, verdict: 'broken', found, fix: 'start the replica, or take its name out of synchronous_standby_names' },
    ]
  }
  if (replicas.length === 0) return []
  if (safe === 0) {
    const found = `${count}, none synchronous: a failover loses what was answered with success a moment before`
    const fix = `alter system set synchronous_standby_names = 'ANY 1 (<the replicas>)'; select pg_reload_conf()`
    return [{ name, verdict: 'warning', found, fix }]
  }
  if (synchronous_commit === 'off' || synchronous_commit === 'local') {
    const found = `synchronous_commit is ${synchronous_commit}: commits do not wait for the synchronous replica`
    return [
      { name, verdict: 'warning', found, fix: 'alter system set synchronous_commit = on; select pg_reload_conf()' },
    ]
  }
  return [{ name, verdict: 'ok', found: `${count}, ${safe} synchronous` }]
}
