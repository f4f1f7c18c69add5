import { realpathSync, rmSync } from 'node:fs'
import { resolve } from 'node:path'
import process from 'node:process'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { EmbeddedFailure } from './failure.ts'
import { findPrograms, type Programs } from './files.ts'
import { findPostmaster, isAlive, prepareFolder, USER } from './folder.ts'
import { launch, logFile, socketFolder } from './server.ts'
import type { Log } from '@kit/postgres/pool'
import { isTransient } from '@kit/postgres/queryable'

export type EmbeddedOptions = {
  /** The data folder; made at the first start. */
  readonly dir: string
  readonly log?: Log
  /** False: quicker, and all is lost when the machine crashes. For tests. */
  readonly fsync?: boolean
}

/** A running server. Disposing stops it, unless another process uses it too. */
export type EmbeddedPostgres = AsyncDisposable & {
  /** Of the database `argosy`, over a socket that only this user can reach. */
  readonly url: string
}

const DATABASE = 'argosy'
/** Every process that uses the server holds this advisory lock: the last one stops it. */
const KEEPERS = 0x617267
const START_TIMEOUT = 60_000
const STOP_TIMEOUT = 30_000

/**
 * Starts a PostgreSQL of one's own, or joins the one that already runs on the folder: that of another process, or one that
 * was left behind by a `kill -9` of its starter. A server that dies is started again. Throws EmbeddedFailure.
 */
export const startEmbedded = async ({ dir, log, fsync = true }: EmbeddedOptions): Promise<EmbeddedPostgres> => {
  const programs = findPrograms()
  prepareFolder(resolve(dir), programs, fsync)
  const server = new Server(realpathSync(dir), programs, fsync, log)
  await server.keep()
  await server.createDatabase()
  return server
}

class Server implements EmbeddedPostgres {
  readonly #dir: string
  readonly #programs: Programs
  readonly #fsync: boolean
  readonly #log: Log | undefined
  #socketDir: string | undefined
  #keeper: pg.Client | undefined
  #recovery: Promise<void> = Promise.resolve()
  #stopping = false

  constructor(dir: string, programs: Programs, fsync: boolean, log: Log | undefined) {
    this.#dir = dir
    this.#programs = programs
    this.#fsync = fsync
    this.#log = log
  }

  get url(): string {
    return this.#urlOf(DATABASE)
  }

  /** Makes sure that a server runs and that this process counts among those who use it. */
  async keep(): Promise<void> {
    for (const deadline = Date.now() + START_TIMEOUT; Date.now() < deadline; await sleep(20)) {
      const running = findPostmaster(this.#dir)
      if (running === undefined) {
        if (await this.#launch()) return
      } else if (await this.#enter(running.socketDir)) return
    }
    throw new EmbeddedFailure(`PostgreSQL on ${this.#dir} does not answer; its log is ${logFile(this.#dir)}`)
  }

  async createDatabase(): Promise<void> {
    const found = await this.#keeper?.query(`select from pg_database where datname = '${DATABASE}'`)
    if (found?.rowCount === 1) return
    try {
      await this.#keeper?.query(`create database ${DATABASE}`)
    } catch (error) {
      // Another starter has just made it.
      if (!['42P04', '23505'].includes(Object(error).code)) throw error
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#stopping) return
    this.#stopping = true
    await this.#recovery
    const keeper = this.#keeper
    const running = findPostmaster(this.#dir)
    if (keeper === undefined || running === undefined || !(await isLast(keeper))) return keeper?.end()
    // Fast shutdown: sessions are ended, nothing is lost.
    process.kill(running.pid, 'SIGINT')
    await keeper.end()
    for (const deadline = Date.now() + STOP_TIMEOUT; isAlive(running.pid); await sleep(5)) {
      if (Date.now() > deadline) throw new EmbeddedFailure(`PostgreSQL (process ${running.pid}) does not stop`)
    }
    if (running.socketDir !== this.#dir) rmSync(running.socketDir, { recursive: true, force: true })
  }

  /** False when somebody else was quicker or a predecessor is still going: look again. */
  async #launch(): Promise<boolean> {
    this.#socketDir ??= socketFolder(this.#dir)
    const server = launch(this.#dir, this.#socketDir, this.#programs, this.#fsync)
    while (server.running) {
      if (await this.#enter(this.#socketDir)) return true
      await sleep(10)
    }
    if (findPostmaster(this.#dir) !== undefined || server.wasTooEarly()) return false
    const fix = `its log is ${logFile(this.#dir)}; if the folder is broken, move it away to begin anew`
    throw new EmbeddedFailure(`PostgreSQL does not start on ${this.#dir}: ${server.lastWords()} (${fix})`)
  }

  /** Whether the server has let this process in. Not yet is no error. */
  async #enter(socketDir: string): Promise<boolean> {
    if (socketDir === '') return false
    this.#socketDir = socketDir
    const keeper = new pg.Client({ connectionString: this.#urlOf('postgres'), application_name: 'argosy keeper' })
    keeper.on('error', () => undefined)
    try {
      await keeper.connect()
      await keeper.query(`select pg_advisory_lock_shared(${KEEPERS})`)
    } catch (error) {
      await keeper.end()
      if (isTransient(error)) return false
      throw new EmbeddedFailure(`PostgreSQL on ${this.#dir} lets nobody in: ${String(error)}`, { cause: error })
    }
    keeper.once('end', () => {
      if (!this.#stopping) this.#recovery = this.#recover()
    })
    this.#keeper = keeper
    return true
  }

  async #recover(): Promise<void> {
    this.#log?.warn({ dir: this.#dir }, 'the embedded PostgreSQL has died and is started again')
    try {
      await this.keep()
    } catch (error) {
      this.#log?.warn({ dir: this.#dir, error: String(error) }, 'the embedded PostgreSQL cannot be started again')
    }
  }

  #urlOf(database: string): string {
    return `postgresql://${USER}@localhost:5432/${database}?host=${encodeURIComponent(this.#socketDir ?? '')}`
  }
}

const isLast = async (keeper: pg.Client): Promise<boolean> => {
  const others = `select from pg_locks where locktype = 'advisory' and objid = ${KEEPERS} and pid <> pg_backend_pid()`
  try {
    return (await keeper.query(others)).rowCount === 0
  } catch {
    // The server is dying by itself.
    return true
  }
}
