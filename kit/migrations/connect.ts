import pg from 'pg'
import { SHORT_KEEP_ALIVE, startupOptions } from '@kit/postgres/startup-options'

export type Connected = AsyncDisposable & { readonly client: pg.Client; readonly pid: number }

/** Ms: for a lock, for the connection itself, and for an answer, which is otherwise waited for as long as it takes. */
type SessionWaits = { readonly wait: number; readonly connect: number; readonly answer?: number }

/** Ms. */
const GOODBYE = 5_000

/**
 * A session for migrations. A statement may take as long as it must; a lock may keep it waiting for `wait` ms; and a
 * process that stands still in the middle of a transaction loses it, and its locks. Throws when there is none in
 * `connect` ms.
 */
export const connect = async (url: string, { wait, connect, answer }: SessionWaits): Promise<Connected> => {
  const client = new pg.Client({
    connectionString: url,
    application_name: 'argosy migrate',
    options: startupOptions({
      statement_timeout: '0',
      lock_timeout: `${wait}ms`,
      idle_in_transaction_session_timeout: '30s',
      ...SHORT_KEEP_ALIVE,
    }),
    connectionTimeoutMillis: connect,
    ...(answer !== undefined && { query_timeout: answer }),
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
  })
  // Whoever asks next has the error.
  client.on('error', () => undefined)
  try {
    await client.connect()
  } catch (cause) {
    throw new Error(`no connection to PostgreSQL to migrate it: ${Object(cause).message} (limit ${connect} ms)`, {
      cause,
    })
  }
  const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid')
  return { client, pid: rows[0]?.pid ?? 0, [Symbol.asyncDispose]: () => leave(client) }
}

/** A server that does not answer is not waited for. */
const leave = async (client: pg.Client): Promise<void> => {
  const { promise: late, resolve } = Promise.withResolvers<void>()
  const timer = setTimeout(resolve, GOODBYE)
  await Promise.race([client.end(), late]).catch(() => undefined)
  clearTimeout(timer)
}
