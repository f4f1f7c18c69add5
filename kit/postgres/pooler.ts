import { openClient, type OpenClient } from './connection/client.ts'

/** Something between us and PostgreSQL that makes another thing of a connection than PostgreSQL itself does. */
export class PoolerBetween extends Error {
  override readonly name = 'PoolerBetween'
  readonly fix =
    'let the URL name PostgreSQL itself (its own port, often 5432): the shop pools its connections itself, ' +
    'see docs/guide/run-as-processes.md#connections'
}

/** SQLSTATE of what PgBouncer itself refuses at the start of a connection. */
const PROTOCOL = '08P01'
const THERE = 'between the shop and PostgreSQL is a connection pooler (PgBouncer?)'

/** What an error of connecting says of a pooler, in words for who has put it there; any other error as it is. */
export const asPooler = (error: unknown): unknown => {
  const { code, message } = Object(error)
  if (code !== PROTOCOL) return error
  return new PoolerBetween(`${THERE} that takes no settings with a connection: ${message}`, { cause: error })
}

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
    openClient({ url, name: 'argosy look', patience: 5_000, connectWithin, settings }).catch(
      (error: unknown): never => {
        throw asPooler(error)
      },
    )
  await using one = await open()
  await using other = await open()
  const { pid, probe } = await lookFrom(one)
  await other.query('begin')
  const theirs = await lookFrom(other)
  if (theirs.pid === pid || (await lookFrom(one)).pid !== pid) throw notASession()
  if (probe !== 'kept') throw new PoolerBetween(`${THERE} that drops the settings which a connection is opened with`)
}
