import { setTimeout as pause } from 'node:timers/promises'
import type { Queryable } from '@kit/postgres/queryable'
import type { Session } from '@kit/postgres/session'
import type { Telemetry } from '@kit/telemetry/telemetry'
import type { Lag } from '../log.ts'
import { horizonOf, lagOf, membersOf, over, turnSegments } from './housekeeping.ts'

/** Ms between two looks for what may go: often enough for what is kept shortly, seldom enough to cost nothing. */
const rhythm = (keep: number): number => Math.min(30_000, Math.max(500, (keep * 1000) / 4))

/** After so many failures in a row it is worth a word. */
const OFTEN = 10

export type HousekeeperOptions = {
  readonly open: () => Promise<Session>
  /** How long rows are kept that all have read, in seconds. */
  readonly keep: number
  readonly telemetry: Telemetry
  /** The database's name in metrics, where there are several. */
  readonly name?: string | undefined
  /** How far groups are behind that do not read the outbox. */
  readonly others?: (() => Promise<readonly Lag[]>) | undefined
}

/** Keeps the log short and tells how far its readers are, over a connection of its own that is opened when it is needed. */
export class Housekeeper implements AsyncDisposable {
  readonly #options: HousekeeperOptions
  readonly #stop = new AbortController()
  readonly #running: Promise<void>
  #session: Promise<Session> | undefined

  constructor(options: HousekeeperOptions) {
    this.#options = options
    this.#publish()
    this.#running = this.#run()
  }

  async lag(): Promise<readonly Lag[]> {
    const { others } = this.#options
    return [...(await this.#ask(lagOf)), ...(others === undefined ? [] : await others())]
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort()
    await this.#running
    await this.#close()
  }

  /** Figures for every scrape; `argosy_outbox_oldest_seconds` is the one to alert on, 0 when every group has read everything. */
  #publish(): void {
    const { metrics } = this.#options.telemetry
    const gauge = (name: string, help: string, ...labels: string[]) =>
      metrics.gauge(name, help, [...labels, 'database'])
    const database = this.#options.name === undefined ? {} : { database: this.#options.name }
    const seconds = gauge('argosy_reader_lag_seconds', 'Age of the oldest message that a group has not read.', 'group')
    const messages = gauge('argosy_reader_lag_messages', 'Messages that a group has not read.', 'group')
    const oldest = gauge('argosy_outbox_oldest_seconds', 'Age of the oldest message that some group has not read.')
    const horizon = gauge('argosy_log_horizon_seconds', 'Age of the oldest transaction of ours that has written.')
    const processes = gauge(
      'argosy_reader_processes',
      'Processes that read for a group; what it has not read is kept.',
      'group',
    )
    metrics.collect(async () => {
      const own = await this.#ask(lagOf)
      const membersIn = await this.#ask(membersOf)
      const tell = (lags: readonly Lag[]): void => {
        for (const lag of lags) {
          seconds.set({ group: lag.group, ...database }, lag.seconds)
          messages.set({ group: lag.group, ...database }, lag.messages)
          processes.set({ group: lag.group, ...database }, membersIn(lag.group))
        }
      }
      tell(own)
      const longest = Math.max(0, ...own.map((lag) => lag.seconds))
      oldest.set(database, longest)
      horizon.set(database, await this.#ask(horizonOf))
      // Last: while these cannot be asked for, what waits here is told all the same.
      const theirs = (await this.#options.others?.()) ?? []
      tell(theirs)
      oldest.set(database, Math.max(longest, ...theirs.map((lag) => lag.seconds)))
    })
  }

  async #run(): Promise<void> {
    const { keep, telemetry } = this.#options
    const wait = (): Promise<void> =>
      pause(rhythm(keep), undefined, { signal: this.#stop.signal, ref: false }).catch(() => undefined)
    let failures = 0
    for (await wait(); !this.#stop.signal.aborted; await wait()) {
      try {
        const emptied = await this.#ask((db) => turnSegments(db, keep))
        failures = 0
        if (emptied.length > 0) telemetry.log.debug({ segments: emptied }, 'dropped what every group has read')
      } catch (error) {
        // A lock was not to be had at once, or the server is away: there is always a next time.
        const level = ++failures % OFTEN === 0 ? 'warn' : 'debug'
        telemetry.log[level]({ error: String(error), failures }, 'the log could not be kept short')
      }
    }
  }

  async #ask<T>(question: (db: Queryable) => Promise<T>): Promise<T> {
    const opening = (this.#session ??= this.#options.open())
    try {
      const session = await opening
      if (!session.lost) return await question(over(session))
    } catch (error) {
      if (await isUsable(opening)) throw error
      await this.#close()
      throw error
    }
    await this.#close()
    return this.#ask(question)
  }

  async #close(): Promise<void> {
    const session = await this.#session?.catch(() => undefined)
    this.#session = undefined
    await session?.[Symbol.asyncDispose]()
  }
}

const isUsable = async (opening: Promise<Session>): Promise<boolean> =>
  opening.then(
    (session) => !session.lost,
    () => false,
  )
