import { Loop, type Found } from '@kit/pace/loop'
import type { Platform } from '@kit/platform/platform'
import type { Database } from '@kit/postgres/queryable'
import { sql } from '@kit/postgres/statement'
import type { Logger } from '@kit/telemetry/telemetry'
import type { Publication, Session } from './session.ts'

const handOver = sql<Publication>(import.meta.url, 'hand-over.sql', { replanned: true })
const nextDue = sql<{ readonly ms: number | null }>(import.meta.url, 'next-due.sql')
const markConfirmed = sql(import.meta.url, 'mark-confirmed.sql')
const markUnpublished = sql(import.meta.url, 'mark-unpublished.sql')
const republish = sql(import.meta.url, 'republish.sql')

/** Jobs per round. */
const BATCH = 500

/** How often one looks for what has become due, in ms: when a job is due sooner it is looked for then. */
const POLL = 1_000

/** What becomes due within so many ms goes together, for each round is a transaction. */
const TOGETHER = 100

/**
 * In how long a job that the broker has not confirmed is given to it again, in ms, by whichever process: the one that was to
 * publish it may have been killed before it could.
 */
const UNCONFIRMED = 5_000

export type RelayOptions = {
  readonly db: Database
  readonly types: readonly string[]
  /** In how long a job that the broker has is given to it again, in ms. */
  readonly republishAfter: number
  readonly platform: Platform
  readonly log: Logger
}

/**
 * Gives the broker the jobs that are due, and again those that it seems to have lost. What is due later waits in the table.
 * Every process of a service has a relay: what one has locked the others pass over.
 */
export class Relay implements AsyncDisposable {
  readonly #options: RelayOptions
  readonly #rounds: Loop
  readonly #marks: Loop
  /** What the broker has confirmed since the last marks, and what it had confirmed before. */
  #confirmed: Publication[] = []
  #earlier: Publication[] = []
  #session: Session | undefined
  #alarm: NodeJS.Timeout | undefined

  constructor(options: RelayOptions) {
    this.#options = options
    this.#rounds = new Loop(() => this.#round(), options.log, undefined, { poll: POLL })
    this.#marks = new Loop(() => this.#mark(), options.log, undefined, { poll: this.#unconfirmed / 4 })
  }

  start(): void {
    this.#rounds.start()
    this.#marks.start()
  }

  wake(): void {
    this.#rounds.wake()
  }

  /** While there is no connection, jobs wait in the table. */
  use(session: Session | undefined): void {
    this.#session = session
    this.#rounds.wake()
  }

  /** The broker has come back with nothing: all that it was given is given again. */
  async republish(): Promise<void> {
    await this.#options.db.query(republish, [this.#options.types])
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // A broker that does not confirm is not waited for.
    const patience = setTimeout(() => this.#session?.end(), 2_000)
    await this.#rounds[Symbol.asyncDispose]()
    clearTimeout(patience)
    clearTimeout(this.#alarm)
    await this.#marks[Symbol.asyncDispose]()
  }

  get #unconfirmed(): number {
    return Math.min(UNCONFIRMED, this.#options.republishAfter)
  }

  async #round(): Promise<Found> {
    const session = this.#session
    if (session === undefined) return 'idle'
    const { db, types, platform } = this.#options
    const claimed = await db.query(handOver, [types, BATCH, this.#unconfirmed])
    if (claimed.length === 0) {
      // What has become due meanwhile is not missed.
      const [next] = await db.query(nextDue, [types, TOGETHER])
      this.#lookIn(next?.ms ?? POLL)
      return 'idle'
    }
    platform.failpoint('relay.before-publish')
    const { failed, why } = await session.publish(claimed)
    platform.failpoint('relay.after-publish')
    if (failed.length > 0) {
      await db.query(markUnpublished, [failed.map(({ id }) => id), failed.map(({ attempt }) => attempt)])
      throw new Error(`the broker has not taken ${failed.length} jobs: ${why}`)
    }
    this.#confirmed.push(...claimed)
    if (claimed.length >= BATCH) return 'handled'
    this.#lookIn(TOGETHER)
    return 'emptied'
  }

  /** Looks again in so many ms; each round says anew when. */
  #lookIn(ms: number): void {
    clearTimeout(this.#alarm)
    if (ms < POLL) this.#alarm = setTimeout(() => this.wake(), Math.max(TOGETHER, Math.ceil(ms)))
  }

  /** Marks what the broker had a moment ago: most of that has ended by now. Marked at once, jobs were done a third slower. */
  async #mark(): Promise<Found> {
    const { db, republishAfter } = this.#options
    const marked = this.#earlier
    if (marked.length > 0) {
      await db.query(markConfirmed, [marked.map(({ id }) => id), marked.map(({ attempt }) => attempt), republishAfter])
    }
    this.#earlier = this.#confirmed
    this.#confirmed = []
    return 'idle'
  }
}
