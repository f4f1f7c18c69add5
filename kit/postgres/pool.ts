import type { Socket } from 'node:net'
import pg from 'pg'
import { newConnection, type Connection } from './burst.ts'
import { SHORT_KEEP_ALIVE, startupOptions } from './startup-options.ts'

/** The part of a logger that is needed here. */
export type Log = { readonly warn: (fields: Readonly<Record<string, unknown>>, message: string) => void }

export type PoolOptions = {
  /** `postgresql://user:password@host:port/database`; a directory as `?host=` is that of a socket. */
  readonly url: string
  /** The service: its schema is searched first, then `log`; its role is `argosy_<service>`. */
  readonly service: string
  /** Most connections; 8 unless given. */
  readonly max?: number
  /** How long an answer may keep quiet before its connection counts as dead, in ms; 45 s: more than a statement may take. */
  readonly patience?: number
  readonly log?: Log
}

type Taken = {
  readonly connection: Connection
  /** Gives it back; with an error, closes it. */
  readonly release: (broken?: Error) => void
}

export type Pool = AsyncDisposable & {
  /** A connection of one's own. Throws a transient error when there is none within 10 s. */
  readonly take: () => Promise<Taken>
  readonly stats: () => {
    readonly waits: number
    readonly open: number
    readonly idle: number
    readonly waiting: number
  }
}

/** The role under which a service works. */
export const roleOf = (service: string): string => `argosy_${service}`

const TIMEOUT = 10_000

export const openPool = ({ url, service, max = 8, patience = 45_000, log }: PoolOptions): Pool => {
  const pool = new pg.Pool({
    connectionString: url,
    application_name: `argosy ${service}`,
    // As startup options they cost no statement and hold from the first one on.
    options: startupOptions({
      role: roleOf(service),
      search_path: `"${service}",log`,
      statement_timeout: '30s',
      lock_timeout: '10s',
      idle_in_transaction_session_timeout: '30s',
      // A plan is kept, and one made while a table was small would read all of it once it is large.
      enable_seqscan: 'off',
      jit: 'off',
      // One plan for all values: with arrays of another length each time, PostgreSQL would plan nearly every call anew.
      plan_cache_mode: 'force_generic_plan',
      ...SHORT_KEEP_ALIVE,
    }),
    pipeline: true,
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
    max,
    min: 1,
    idleTimeoutMillis: 60_000,
    connectionTimeoutMillis: TIMEOUT,
  })
  const connections = new WeakMap<pg.ClientBase, Connection>()
  let waits = 0
  // Broken while idle: the pool has dropped it already. Broken while in use: its statements have the error.
  const report = (error: Error): void => log?.warn({ service, error: error.message }, 'lost a connection to PostgreSQL')
  pool.on('error', report)
  pool.on('connect', (client) => {
    client.on('error', report)
    const connection = newConnection(client)
    connections.set(client, connection)
    // A network that dies without a word: TCP may take a quarter of an hour to notice.
    const { stream } = (client as unknown as { connection: { stream: Socket } }).connection
    stream.setTimeout(patience, () => {
      if (connection.underWay.length > 0) stream.destroy()
    })
  })

  const take = (): Promise<Taken> =>
    new Promise((resolve, reject) => {
      if (pool.idleCount === 0) waits++
      pool.connect((error, client, release) => {
        if (error !== undefined && error !== null) return reject(unavailable(error))
        const connection = client === undefined ? undefined : connections.get(client)
        if (connection === undefined) return reject(new Error('pg gave neither an error nor a connection'))
        resolve({ connection, release })
      })
    })
  return {
    take,
    stats: () => ({ waits, open: pool.totalCount, idle: pool.idleCount, waiting: pool.waitingCount }),
    [Symbol.asyncDispose]: () => pool.end(),
  }
}

/** Errors of the socket and of the server have a code; pg's own about time have none. */
const unavailable = (error: Error): Error =>
  'code' in error
    ? error
    : Object.assign(new Error(`no connection to PostgreSQL within ${TIMEOUT} ms: ${error.message}`, { cause: error }), {
        code: 'ETIMEDOUT',
      })
