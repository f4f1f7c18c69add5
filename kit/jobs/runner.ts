import { Loop, type Found } from '@kit/pace/loop'
import { sql } from '@kit/postgres/statement'
import type { Jobs } from './jobs.ts'
import { LEASE, SUSPECT, type LeasedJob } from './lease.ts'
import type { RunnerOptions } from './runner-options.ts'
import { Executor } from './executor.ts'
import type { Recorded } from './unrecorded.ts'

// The one plan that is kept for any limit reads the whole table: with 100,000 due it took four fifths of PostgreSQL's time.
const claimJobs = sql<LeasedJob>(import.meta.url, 'claim-jobs.sql', { replanned: true })
const renew = sql(import.meta.url, 'renew-leases.sql')
const takeBack = sql(import.meta.url, 'take-back.sql')

/** How often one looks for what has become due, in ms: a timer shall be done within a second, on a machine that is at work. */
const LOOK = 500

/** What a timer can hold, in ms; the poll sees to the rest. */
const MAX_TIMER = 2 ** 31 - 1

/** Does a service's jobs straight from the table: claims what is due, takes what a commit hands over. */
export class JobRunner implements Jobs {
  readonly lease: number
  readonly #options: RunnerOptions
  readonly #executor: Executor
  readonly #claims: Loop
  /** Jobs may be waiting in the table for which there was no room here. */
  #behind = false
  #started = false
  #tookBack = false

  constructor(options: RunnerOptions) {
    this.#options = options
    this.lease = options.times?.lease ?? LEASE
    this.#executor = new Executor(options, { renew, lease: this.lease }, (recorded) => this.#recorded(recorded))
    const log = options.telemetry.log.child({ jobs: [...this.#executor.workers.keys()].join() })
    this.#claims = new Loop(() => this.#claim(), log, undefined, { poll: LOOK })
  }

  start(): void {
    if (this.#executor.workers.size === 0) return
    this.#started = true
    this.#claims.start()
    this.#executor.start()
  }

  hasRoomFor(type: string, asked: number): boolean {
    const worker = this.#executor.workers.get(type)
    return this.#started && worker !== undefined && this.#executor.count(type) + asked < 2 * worker.concurrency
  }

  take(jobs: readonly LeasedJob[]): void {
    this.#executor.take(jobs)
  }

  wake(): void {
    this.#claims.wake()
  }

  /** Does every job that is due now, and what it leads to in this service; for tests, on a runner that is not started. */
  async drain(): Promise<boolean> {
    let any = false
    while ((await this.#claim()) === 'handled' || this.#executor.busy) {
      any = true
      await this.#executor.ended()
      await this.#executor.conclude()
    }
    return any
  }

  /** Takes nothing new, waits for what is in the air, and gives back what has not begun. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#started = false
    await this.#claims[Symbol.asyncDispose]()
    await this.#executor.close((job) => ({ job, postponed: 0, reason: 'given back at shutdown' }))
  }

  async #claim(): Promise<Found> {
    const { db } = this.#options
    const types = [...this.#executor.workers.keys()]
    if (!this.#tookBack) await db.query(takeBack, [types])
    this.#tookBack = true
    const rooms = [...this.#executor.workers].map(([type, { concurrency }]) => ({
      type,
      // Work that is quick to do and slow to record would heap up: one round at a time is claimed ahead.
      room: Math.min(concurrency, 2 * concurrency - this.#executor.unrecorded(type)) - this.#executor.count(type),
    }))
    const free = rooms.filter(({ room }) => room > 0)
    this.#behind = free.length < rooms.length
    if (free.length === 0) return 'idle'
    // By the largest room: what there is too much of one type waits here for its turn, and none of it is claimed meanwhile.
    const most = Math.max(...free.map(({ room }) => room))
    const held = this.#executor.held()
    const jobs = await db.query(claimJobs, [free.map(({ type }) => type), most, this.lease, SUSPECT + 1, held])
    this.take(jobs)
    return jobs.length === 0 ? 'idle' : 'handled'
  }

  #recorded({ next }: Recorded): void {
    if (next !== undefined && this.#started) setTimeout(() => this.#claims.wake(), Math.min(next, MAX_TIMER)).unref()
    if (this.#behind) this.#claims.wake()
  }
}
