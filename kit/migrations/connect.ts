import { openClient, type OpenClient } from '@kit/postgres/connection/client'

export type Connected = AsyncDisposable & { readonly client: OpenClient; readonly pid: number }

type SessionOptions = {
  /** Ms: for a lock, and for the connection itself and its first answer. */
  readonly wait: number
  readonly connect: number
  /** Ms for every other answer; 30 s unless given. */
  readonly answer?: number
  readonly signal?: AbortSignal | undefined
}

/** How long the statements of a file may take, in ms: an index over a large table is not made in seconds. */
export const WORK = 6 * 3_600_000

/**
 * A session for migrations. The server lets a statement take as long as it must; a lock may keep it waiting for `wait` ms; and
 * a process that stands still in the middle of a transaction loses it, and its locks. Throws when there is none in
 * `connect` ms.
 */
export const connect = async (
  url: string,
  { wait, connect, answer = 30_000, signal }: SessionOptions,
): Promise<Connected> => {
  const client = await openClient({
    url,
    name: 'argosy migrate',
    patience: answer,
    connectWithin: connect,
    settings: { statement_timeout: '0', lock_timeout: `${wait}ms`, idle_in_transaction_session_timeout: '30s' },
    signal,
  })
  const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid', [], connect)
  // When this process ends, what it has begun ends with it. Not every system can notice (Windows).
  await client.query("set client_connection_check_interval = '1s'").catch(() => undefined)
  return { client, pid: rows[0]?.pid ?? 0, [Symbol.asyncDispose]: () => client[Symbol.asyncDispose]() }
}
