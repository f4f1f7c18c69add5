import { setTimeout as sleep } from 'node:timers/promises'
import { socketOf } from './connection/client.ts'
import { rootOf } from './wire/faults.ts'
import { silent } from './connection/liveness.ts'
import { after } from './connection/patience.ts'
import { limited } from './connection/limited.ts'
import { openPool, type Pool, type PoolOptions } from './connection/pool.ts'
import { Lockouts, waitShortly } from './locks.ts'
import type { Database, Tx } from './queryable.ts'
import type { Statement } from './statement.ts'
import { identityOf, type Identity } from './wire/identity.ts'
import { runAlone, Transaction } from './wire/transaction.ts'

/** How often a transaction is tried that meets a serialization failure or a deadlock. */
const ATTEMPTS = 5
/** Connections that services share, unless said otherwise, and which part of them one of the services may have. */
const CONNECTIONS = 12
const MOST_OF_ALL = 2 / 3

/** Figures since the database was opened, and of this moment. */
type DatabaseStats = {
  readonly statements: number
  readonly transactions: number
  /** Transactions that were tried again after a conflict. */
  readonly conflicts: number
  /** How often work had to wait for a connection, because all were busy or none was open. */
  readonly waits: number
  readonly connections: { readonly open: number; readonly idle: number; readonly waiting: number }
}

/** A database whose connections this process owns. Disposing waits for what is under way. */
export type OpenDatabase = Database &
  AsyncDisposable & {
    readonly stats: () => DatabaseStats
    /** Resolves when the server answers over one of the connections; one that does not within 2 s is closed. */
    readonly ping: () => Promise<void>
  }

/** Connections that the services of a process share. */
export type SharedDatabase = AsyncDisposable & {
  /**
   * The database as one service sees it: its schema under its own role. It has at most `MOST_OF_ALL` of the connections, so that
   * none of the services can take them all.
   */
  readonly of: (service: string) => Omit<OpenDatabase, typeof Symbol.asyncDispose>
  readonly stats: Pool['stats']
}

/**
 * Opens a service's schema under its own role. Connects on first use: an unreachable server shows as a transient error of the
 * first statement.
 */
export const openDatabase = (options: PoolOptions & { readonly service: string }): OpenDatabase => {
  const pool = openPool(options)
  return { ...overPool(pool, new Lockouts(), undefined), [Symbol.asyncDispose]: () => pool[Symbol.asyncDispose]() }
}

/** Opens a database for several services. Connects on first use, as above. */
export const openSharedDatabase = (options: Omit<PoolOptions, 'service'>): SharedDatabase => {
  const { max = CONNECTIONS } = options
  const pool = openPool({ ...options, max })
  const most = Math.ceil(max * MOST_OF_ALL)
  const lockouts = new Lockouts()
  return {
    of: (service) => overPool(limited(pool, most), lockouts, identityOf(service)),
    stats: pool.stats,
    [Symbol.asyncDispose]: () => pool[Symbol.asyncDispose](),
  }
}

const overPool = (
  pool: Pick<Pool, 'take' | 'stats'>,
  lockouts: Lockouts,
  identity: Identity | undefined,
): Omit<OpenDatabase, typeof Symbol.asyncDispose> => {
  let statements = 0
  let transactions = 0
  let conflicts = 0
  const count = (): void => {
    statements++
  }

  const query = async <Row>(statement: Statement<Row>, values: readonly unknown[] = []): Promise<readonly Row[]> => {
    count()
    const { connection, release } = await pool.take()
    try {
      return (await runAlone(connection, statement, values, identity)) as readonly Row[]
    } finally {
      release()
    }
  }

  const ping = async (): Promise<void> => {
    const { connection, release } = await pool.take()
    try {
      using _late = after(SIGN_OF_LIFE, () => socketOf(connection.client).destroy(silent(SIGN_OF_LIFE)))
      await runAlone(connection, PING, [])
    } finally {
      release()
    }
  }

  const once = async <T>(
    work: (tx: Tx) => Promise<T>,
    goesRound: boolean,
    mayRepeat: boolean,
  ): Promise<T | typeof REPEAT> => {
    transactions++
    const { connection, release } = await pool.take()
    const tx = new Transaction(connection, count, identity)
    const isShort = goesRound && lockouts.areLikely
    let result: T
    try {
      if (isShort) waitShortly(tx)
      result = await work(tx)
      await tx.commit()
    } catch (error) {
      // Who waits shortly is often locked out by those who are only at work: that says nothing, or it would never end.
      if (!isShort) lockouts.saw(rootOf(error))
      const repeat = mayRepeat && tx.metConflict(error)
      const reusable = await tx.rollback(error)
      release(reusable ? undefined : new Error('the connection is broken'))
      if (repeat) return REPEAT
      throw rootOf(error)
    }
    release()
    tx.tellCommitted()
    return result
  }

  return {
    query,
    ping,
    transaction: async (work, { goesRound = false } = {}) => {
      for (let attempt = 1; ; attempt++) {
        const result = await once(work, goesRound, attempt < ATTEMPTS)
        if (result !== REPEAT) return result
        conflicts++
        await sleep(2 ** attempt * (1 + Math.random()))
      }
    },
    stats: () => {
      const { waits, ...connections } = pool.stats()
      return { statements, transactions, conflicts, waits, connections }
    },
  }
}

const PING: Statement = { name: 'ping', text: 'select 1' }
/** In ms. */
const SIGN_OF_LIFE = 2_000

const REPEAT = Symbol('to be tried again')
