import type { Socket } from 'node:net'
import pg from 'pg'
import { newConnection, type Connection } from '../wire/burst.ts'
import { connectionLost } from '../wire/faults.ts'
import { roleOf } from '../role.ts'
import { classified } from '../wire/sqlstate.ts'
import { Client, KEEP_ALIVE, socketOf } from './client.ts'
import { endWhenSilent, RestingConnections, SharedFate } from './liveness.ts'
import { after } from './patience.ts'
import { SHORT_KEEP_ALIVE, startupOptions } from './startup-options.ts'

/** The part of a logger that is needed here. */
export type Log = { readonly warn: (fields: Readonly<Record<string, unknown>>, message: string) => void }

export type PoolOptions = {
  /** `postgresql://user:password@host:port/database`; a directory as `?host=` is that of a socket. */
  readonly url: string
  /**
   * The service: its schema is searched first, then `log`; its role is `argosy_<service>`. Absent: several services share the
   * connections, and each transaction says whose it is.
   */
  readonly service?: string
  /** Most connections; 8 unless given. */
  readonly max?: number
  /**
   * How long an answer may keep quiet before its connection counts as dead, in ms; 12 s unless given. Who lifts the
   * statement timeout in a transaction of his own (`set local`) needs a pool with as much patience.
   */
  readonly patience?: number
  /** How often a connection that rests is asked for a sign of life, in ms; every 4 s unless given. */
  readonly askEvery?: number
  /** Settings that hold from the first statement on. */
  readonly settings?: Readonly<Record<string, string>>
  readonly log?: Log
  /** When it is aborted all connections end at once; whoever waits for one or on one has a transient error. */
  readonly signal?: AbortSignal | undefined
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

/** How long work waits for a connection, in ms. */
const TIMEOUT = 10_000

/**
 * From the inside out, so that whoever is well says what is wrong before somebody else gives up on him. No transaction
 * of ours waits for a network: only a process that is frozen or gone says nothing for 5 s within one, and must not keep
 * its rows from the others. Who waits for such a row waits a little longer, 7 s; a statement takes 10 s with its locks;
 * and only a server that is not there keeps quiet for 12 s.
 */
const LIMITS = {
  idle_in_transaction_session_timeout: '5s',
  lock_timeout: '7s',
  statement_timeout: '10s',
} as const
const PATIENCE = 12_000
const ASK_EVERY = 4_000
/** What work under way gets at most when the pool is closed, in ms. */
const GRACE = 3_000

export const openPool = (options: PoolOptions): Pool => {
  const pool = new pg.Pool(configOf(options))
  const connections = watch(pool, options)
  options.signal?.addEventListener('abort', () => connections.destroy(new Error('given up')), { once: true })
  let waits = 0
  // pg's pool forgets those who wait when it is closed.
  const waiting = new Set<(error: Error) => void>()
  const take = (): Promise<Taken> =>
    new Promise((resolve, reject) => {
      if (pool.idleCount === 0) waits++
      waiting.add(reject)
      pool.connect((error, client, release) => {
        const wanted = waiting.delete(reject)
        if (error !== undefined && error !== null) return reject(unavailable(error))
        const connection = client === undefined ? undefined : connections.of(client)
        if (connection === undefined) return reject(new Error('pg gave neither an error nor a connection'))
        if (wanted) resolve({ connection, release })
        else release()
      })
    })
  return {
    take,
    stats: () => ({ waits, open: pool.totalCount, idle: pool.idleCount, waiting: pool.waitingCount }),
    [Symbol.asyncDispose]: async () => {
      const closed = new Error('the pool was closed')
      using _impatience = after(GRACE, () => connections.destroy(closed))
      for (const reject of waiting) reject(connectionLost(closed))
      waiting.clear()
      connections[Symbol.dispose]()
      await pool.end()
    },
  }
}

const configOf = ({ url, service, max = 8, settings = {} }: PoolOptions): pg.PoolConfig => ({
  Client,
  connectionString: url,
  application_name: `argosy ${service ?? 'fleet'}`,
  // As startup options they cost no statement and hold from the first one on.
  options: startupOptions({
    ...(service !== undefined && { role: roleOf(service), search_path: `"${service}",log` }),
    ...LIMITS,
    // A plan is kept, and one made while a table was small would read all of it once it is large.
    enable_seqscan: 'off',
    jit: 'off',
    // One plan for all values: with arrays of another length each time, PostgreSQL would plan nearly every call anew.
    plan_cache_mode: 'force_generic_plan',
    ...SHORT_KEEP_ALIVE,
    ...settings,
  }),
  pipeline: true,
  ...KEEP_ALIVE,
  max,
  min: 1,
  idleTimeoutMillis: 60_000,
  connectionTimeoutMillis: TIMEOUT,
})

type Connections = Disposable & {
  readonly of: (client: pg.ClientBase) => Connection | undefined
  /** Ends all that are open now; whoever waits for one of them has the error. */
  readonly destroy: (reason: Error) => void
}

/** Knows the pool's connections, and ends those that have fallen silent. Disposing ends the watch. */
const watch = (
  pool: pg.Pool,
  { url, service = 'of all', patience = PATIENCE, askEvery = ASK_EVERY, log }: PoolOptions,
): Connections => {
  const known = new Map<pg.ClientBase, Connection>()
  // Who waits for longer on purpose is left alone.
  const suspects = (): readonly (readonly [Connection, Socket])[] =>
    patience > PATIENCE ? [] : [...known].map(([client, one]) => [one, socketOf(client)])
  const fate = new SharedFate(serverOf(url), suspects)
  const resting = new RestingConnections(askEvery, () => fate.found())
  const lost = (error: Error): void =>
    log?.warn({ database: service, error: error.message }, 'lost a connection to PostgreSQL')
  const works = (client: pg.ClientBase): void => {
    const connection = known.get(client)
    if (connection !== undefined) resting.works(connection)
  }
  // The client has told already. Broken while idle: the pool has dropped it; in use: its statements have the error.
  pool.on('error', ignored)
  pool.on('connect', (client) => {
    client.once('error', lost).on('error', ignored)
    const connection = newConnection(client)
    known.set(client, connection)
    endWhenSilent(socketOf(client), connection, patience)
  })
  pool.on('acquire', works)
  pool.on('release', (_error, client) => {
    const connection = known.get(client)
    if (connection !== undefined) resting.rests(connection, socketOf(client))
  })
  pool.on('remove', (client) => {
    works(client)
    known.delete(client)
  })
  return {
    of: (client) => known.get(client),
    destroy: (reason) => {
      for (const client of known.keys()) socketOf(client).destroy(reason)
    },
    [Symbol.dispose]: () => {
      resting[Symbol.dispose]()
      fate[Symbol.dispose]()
    },
  }
}

/** Without the user and the database: all on one server share its fate. */
const serverOf = (url: string): string => {
  // `user@/database?host=/run` is a URL to PostgreSQL's clients alone. One that is none is theirs to refuse: `new URL` puts the
  // password into its error.
  const parsed = URL.parse(url.replace('@/', '@socket/'))
  return `${parsed?.host}?${parsed?.searchParams.get('host')}`
}

const ignored = (): void => undefined

/** Errors of the socket and of the server have a code; pg's own about time have none. */
const unavailable = (error: Error): Error =>
  'code' in error
    ? classified(error)
    : Object.assign(new Error(`no connection to PostgreSQL within ${TIMEOUT} ms: ${error.message}`, { cause: error }), {
        code: 'ETIMEDOUT',
      })
