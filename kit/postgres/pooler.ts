import { openClient, type OpenClient } from './connection/client.ts'
import { PoolerBetween, THERE } from './connection/pooler-between.ts'

/** What is said when a session has another server process than the one that it was begun on. */
export const notASession = (): PoolerBetween =>
  new PoolerBetween(`${THERE} in transaction mode: locks, settings and LISTEN of a session do not last in it`)

type Look = { readonly pid: number; readonly probe: string | null }

const lookFrom = async (client: OpenClient): Promise<Look> => {
  const { rows } = await client.query<Look>(
    `select pg_backend_pid() as pid, current_setting('argosy.probe', true) as probe`,
  )
  const [look] = rows
  if (look === undefined) throw new Error('the database gave no answer')
  return look
}

/**
 * Throws a PoolerBetween when a session is not one: when two that are open at once have the same server process, or one has
 * another from one statement to the next (PgBouncer in transaction or statement mode), and when the settings that it was
 * opened with (role, search path, limits) do not hold. Throws as connecting does when there is no server.
 * `connectWithin`: ms.
 */
export const refusePooler = async (url: string, connectWithin = 5_000): Promise<void> => {
  const settings = { 'argosy.probe': 'kept' }
  const open = (): Promise<OpenClient> =>
    openClient({ url, name: 'argosy look', patience: 5_000, connectWithin, settings })
  await using one = await open()
  await using other = await open()
  const { pid, probe } = await lookFrom(one)
  await other.query('begin')
  const theirs = await lookFrom(other)
  if (theirs.pid === pid || (await lookFrom(one)).pid !== pid) throw notASession()
  if (probe !== 'kept') throw new PoolerBetween(`${THERE} that drops the settings which a connection is opened with`)
}
