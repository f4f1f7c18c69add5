import { openClient, type OpenClient } from '@kit/postgres/connection/client'

export type Connected = AsyncDisposable & { readonly client: OpenClient; readonly pid: number }

/** Ms: for a lock, for the connection itself, and for an answer, which is otherwise waited for as long as it takes. */
type SessionWaits = { readonly wait: number; readonly connect: number; readonly answer?: number }

/** How long a statement may take, in ms: an index over a large table is not made in seconds. */
const WORK = 6 * 3_600_000

/**
 * A session for migrations. A statement may take as long as it must; a lock may keep it waiting for `wait` ms; and a
 * process that stands still in the middle of a transaction loses it, and its locks. Throws when there is none in
 * `connect` ms.
 */
export const connect = async (url: string, { wait, connect, answer = WORK }: SessionWaits): Promise<Connected> => {
  const client = await openClient({
    url,
    name: 'argosy migrate',
    patience: answer,
    connectWithin: connect,
    settings: { statement_timeout: '0', lock_timeout: `${wait}ms`, idle_in_transaction_session_timeout: '30s' },
  }).catch((cause: unknown) => {
    const { message, ...fields } = Object(cause)
    throw Object.assign(new Error(`no connection to PostgreSQL to migrate it: ${message}`, { cause }), fields)
  })
  const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid')
  return { client, pid: rows[0]?.pid ?? 0, [Symbol.asyncDispose]: () => client[Symbol.asyncDispose]() }
}
