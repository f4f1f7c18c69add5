import { readFileSync } from 'node:fs'
import pg from 'pg'
import { freeze } from './frozen-process.ts'

export type Backend = { readonly pid: number; readonly service: string; readonly xid: string; readonly state: string }

/** One backend of the shop's that is stopped in the middle of a transaction. */
export type FrozenBackend = Disposable & Backend

/**
 * Stops the backend of one of the shop's connections while it is in a transaction that has an id. Transactions are short, so
 * it tries until one is caught, of a service when that is named. Throws when none is within `patience` ms: without load there is none.
 */
export const freezeBackend = async (
  url: string,
  { patience = 20_000, of = '%' }: { readonly patience?: number; readonly of?: string } = {},
): Promise<FrozenBackend> => {
  const until = performance.now() + patience
  while (performance.now() < until) {
    const client = await connect(url)
    try {
      const caught = await tryToFreeze(client, of)
      if (caught !== undefined) return caught
    } finally {
      void client.end().catch(() => undefined)
    }
  }
  throw new Error(`no backend of the shop's was caught in a transaction within ${patience} ms`)
}

const connect = async (url: string): Promise<pg.Client> => {
  const client = new pg.Client({
    connectionString: url,
    application_name: 'backend freezer',
    statement_timeout: 1_000,
    // Whoever waits for a lock of the server's memory does not hear of its own time-out.
    query_timeout: 1_500,
    connectionTimeoutMillis: 5_000,
  })
  client.on('error', () => undefined)
  await client.connect()
  return client
}

/** A few looks on one connection. Undefined: caught none; the connection may be of no use any more. */
const tryToFreeze = async (client: pg.Client, of: string): Promise<FrozenBackend | undefined> => {
  for (let look = 0; look < 100; look++) {
    const [backend] = (await client.query<Backend>(IN_TRANSACTION, [`argosy ${of}`])).rows
    if (backend === undefined || !isHere(backend.pid)) continue
    const frozen = freeze(backend.pid)
    const caught = await isCaught(client, backend)
    if (caught === true) return { ...backend, [Symbol.dispose]: () => frozen[Symbol.dispose]() }
    frozen[Symbol.dispose]()
    if (caught === 'the server stands still') return undefined
  }
  return undefined
}

/**
 * Whether it is still in that transaction, and the others can write: one that is stopped while it holds a lock of the
 * server's memory stops the server as a whole, against which no client can do anything.
 */
const isCaught = async (client: pg.Client, { pid, xid }: Backend): Promise<boolean | 'the server stands still'> => {
  try {
    const { rowCount } = await client.query(STILL, [pid, xid])
    await client.query(WRITE)
    return rowCount === 1
  } catch {
    return 'the server stands still'
  }
}

/** A server on another machine cannot be stopped from here, and a pid of its may be somebody else's here. */
const isHere = (pid: number): boolean => {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').startsWith('postgres')
  } catch {
    return false
  }
}

const IN_TRANSACTION = `
  select pid, application_name as service, backend_xid::text as xid, state from pg_stat_activity
   where datname = current_database() and application_name like $1 and backend_xid is not null
     and state in ('active', 'idle in transaction')
   order by random() limit 1`

const STILL = `
  select from pg_stat_activity
   where pid = $1 and backend_xid::text = $2 and state in ('active', 'idle in transaction')`

const WRITE = `select pg_logical_emit_message(true, 'backend freezer', 'the server goes on')`
