import { realpathSync } from 'node:fs'
import { resolve } from 'node:path'
import process from 'node:process'
import { setTimeout as sleep } from 'node:timers/promises'
import { isAlive } from './alive.ts'
import { EmbeddedFailure } from './failure.ts'
import { findPrograms, type Programs } from './files.ts'
import { findPostmaster, prepareFolder, USER, type Postmaster } from './folder.ts'
import { openKeeper, type Keeper } from './keeper.ts'
import { startAgain, type Log } from './recovery.ts'
import { launch, logFile, type Launched } from './server.ts'
import { removeSocketFolder, socketFolder } from './socket.ts'

export type EmbeddedOptions = {
  /** The data folder; made at the first start. */
  readonly dir: string
  readonly log?: Log
  /** False: quicker, and all is lost when the machine crashes. For tests. */
  readonly fsync?: boolean
  /** Gives up the start when it is aborted, and leaves nothing running. It says nothing of a server that has started. */
  readonly signal?: AbortSignal | undefined
}

/** A running server. Disposing stops it, unless another process uses it too; that takes 10 s at most. */
export type EmbeddedPostgres = AsyncDisposable & {
  /** Of the database `argosy`, over a socket that only this user can reach. */
  readonly url: string
}

const DATABASE = 'argosy'
const START_TIMEOUT = 60_000
/** How long a server may take to stop in peace, and then at once, in ms. */
const STOP_TIMEOUT = 5_000
const QUIT_TIMEOUT = 1_500
/** How long those who were killed may still seem to use a server, in ms. */
const LAST_TRACES = 2_000
/** How long a server that nobody has got into may take to let this process in, before it is stopped, in ms. */
const LAST_LOOK = 1_000

/**
 * Starts a PostgreSQL of one's own, or joins the one that already runs on the folder: that of another process, or one that
 * was left behind by a `kill -9` of its starter. A server that dies is started again, as often as it takes. Throws
 * EmbeddedFailure, or the reason of `signal`.
 */
export const startEmbedded = async (options: EmbeddedOptions): Promise<EmbeddedPostgres> => {
  const { dir, log, fsync = true, signal } = options
  const programs = findPrograms()
  await prepareFolder(resolve(dir), programs, fsync, signal)
  const server = new Server(realpathSync(dir), programs, fsync, log)
  const giveUp = (): void => server.giveUp()
  signal?.addEventListener('abort', giveUp, { once: true })
  try {
    signal?.throwIfAborted()
    await server.keep()
    signal?.throwIfAborted()
    await server.createDatabase()
    signal?.throwIfAborted()
    return server
  } catch (error) {
    await server[Symbol.asyncDispose]()
    signal?.throwIfAborted()
    throw error
  } finally {
    signal?.removeEventListener('abort', giveUp)
  }
}

/**
 * Stops a server that nobody uses any more: a `kill -9` of its starter has left it behind. One that others use, or that lets
 * nobody in, goes on; that takes 2 s at least, for the sessions of a process that was killed just now may outlive it by a moment.
 * Whether none runs on the folder now.
 */
export const stopUnused = async (dir: string): Promise<boolean> => {
  for (const deadline = performance.now() + LAST_TRACES; ; await sleep(100)) {
    if (findPostmaster(dir) === undefined) return true
    if (performance.now() > deadline) return false
    await new Server(realpathSync(dir), findPrograms(), true, undefined).leave()
  }
}

class Server implements EmbeddedPostgres {
  readonly #dir: string
  readonly #programs: Programs
  readonly #fsync: boolean
  readonly #log: Log | undefined
  readonly #stop = new AbortController()
  #socketDir = ''
  #keeper: Keeper | undefined
  #recovery: Promise<void> = Promise.resolve()
  /** The server that this process has started last. */
  #launched: Launched | undefined
  #closing: Promise<void> | undefined
  /** Why it has ended. */
  #said = ''

  constructor(dir: string, programs: Programs, fsync: boolean, log: Log | undefined) {
    this.#dir = dir
    this.#programs = programs
    this.#fsync = fsync
    this.#log = log
  }

  get url(): string {
    return this.#urlOf(DATABASE)
  }

  /** Makes sure that a server runs and that this process counts among those who use it; or returns once it is disposed. */
  async keep(): Promise<void> {
    const { signal } = this.#stop
    for (const deadline = performance.now() + START_TIMEOUT; performance.now() < deadline; await sleep(20)) {
      if (signal.aborted) return
      const running = findPostmaster(this.#dir)
      if (running === undefined) {
        if (await this.#launch()) return
      } else if (await this.#enter(running.socketDir, signal)) return
    }
    const said = this.#said === '' ? '' : `: ${this.#said}`
    throw new EmbeddedFailure(`PostgreSQL on ${this.#dir} does not answer${said} (its log is ${logFile(this.#dir)})`)
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

  /** Joins a server that runs, and disposes of it like all who have used it. */
  async leave(): Promise<void> {
    const running = findPostmaster(this.#dir)
    if (running !== undefined) await this.#enter(running.socketDir, this.#stop.signal)
    await this[Symbol.asyncDispose]()
  }

  /** Whoever waits for it to start waits no longer, and disposes of it. */
  giveUp(): void {
    this.#stop.abort()
    this.#keeper?.cut()
    // Whether others use the server is asked over another session.
    this.#keeper = undefined
  }

  [Symbol.asyncDispose](): Promise<void> {
    return (this.#closing ??= this.#close())
  }

  async #close(): Promise<void> {
    this.#stop.abort()
    await this.#recovery
    const running = await this.#found()
    if (running === undefined) {
      await this.#keeper?.end()
      return removeSocketFolder(this.#dir, this.#socketDir)
    }
    // Disposed while it was started again: whether others use it is asked once more.
    if (this.#keeper === undefined) await this.#enter(running.socketDir, AbortSignal.timeout(LAST_LOOK))
    if (await this.#isOurs(running)) await this.#stopServer(running)
    else await this.#keeper?.end()
  }

  /** The server that runs on the folder. One that has only just been started has not yet written so. */
  async #found(): Promise<Postmaster | undefined> {
    for (const deadline = performance.now() + STOP_TIMEOUT; ; await sleep(5)) {
      const running = findPostmaster(this.#dir)
      if (running !== undefined || this.#launched?.running !== true || performance.now() > deadline) return running
    }
  }

  /** Nobody else uses the server. One that lets nobody in belongs to its starter. */
  async #isOurs({ pid }: Postmaster): Promise<boolean> {
    return this.#keeper === undefined ? pid === this.#launched?.pid : this.#keeper.isLast()
  }

  async #stopServer({ pid, socketDir }: Postmaster): Promise<void> {
    // Fast shutdown: sessions are ended, nothing is lost.
    tell(pid, 'SIGINT')
    const [ended] = await Promise.all([hasEnded(pid, STOP_TIMEOUT), this.#keeper?.end()])
    if (!ended) {
      this.#log?.warn(
        { dir: this.#dir },
        'the embedded PostgreSQL does not stop and is told to quit; it recovers at the next start',
      )
      tell(pid, 'SIGQUIT')
      if (!(await hasEnded(pid, QUIT_TIMEOUT))) throw new EmbeddedFailure(`PostgreSQL (process ${pid}) does not stop`)
    }
    removeSocketFolder(this.#dir, socketDir)
  }

  /** False when somebody else was quicker, a predecessor is still going, or this is disposed: look again. */
  async #launch(): Promise<boolean> {
    const { signal } = this.#stop
    const socketDir = socketFolder(this.#dir)
    const server = launch(this.#dir, socketDir, this.#programs, this.#fsync)
    this.#launched = server
    while (server.running) {
      if (await this.#enter(socketDir, signal)) return true
      if (signal.aborted) return false
      await sleep(10)
    }
    this.#said = server.lastWords()
    if (findPostmaster(this.#dir) !== undefined || server.wasTooEarly()) return false
    const fix = `its log is ${logFile(this.#dir)}; if the folder is broken, move it away to begin anew`
    throw new EmbeddedFailure(`PostgreSQL does not start on ${this.#dir}: ${this.#said} (${fix})`)
  }

  /** Whether the server has let this process in. Not yet is no error. */
  async #enter(socketDir: string, signal: AbortSignal): Promise<boolean> {
    if (socketDir === '') return false
    this.#socketDir = socketDir
    const keeper = await openKeeper(this.#urlOf('postgres'), signal)
    if (keeper === undefined) return false
    this.#keeper = keeper
    keeper.onceEnded(() => {
      if (this.#stop.signal.aborted) return
      this.#keeper = undefined
      this.#log?.warn({ dir: this.#dir }, 'the embedded PostgreSQL has died and is started again')
      this.#recovery = startAgain(this.#dir, () => this.keep(), this.#stop.signal, this.#log)
    })
    return true
  }

  #urlOf(database: string): string {
    return `postgresql://${USER}@localhost:5432/${database}?host=${encodeURIComponent(this.#socketDir)}`
  }
}

const hasEnded = async (pid: number, patience: number): Promise<boolean> => {
  for (const deadline = performance.now() + patience; isAlive(pid); await sleep(5)) {
    if (performance.now() > deadline) return false
  }
  return true
}

const tell = (pid: number, signal: NodeJS.Signals): void => {
  try {
    process.kill(pid, signal)
  } catch (error) {
    // It has just ended by itself.
    if (Object(error).code !== 'ESRCH') throw error
  }
}
