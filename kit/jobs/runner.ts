import { Loop, type Found } from '@kit/messaging/loop'
import { sql } from '@kit/postgres/statement'
import { traceIdOf, withTrace } from '@kit/telemetry/trace-context'
import type { Trace } from '@kit/telemetry/trace-context'
import type { Taker } from './enqueue.ts'
import { conclude, type Ended } from './conclude.ts'
import type { Worker } from './job.ts'
import { LEASE, TRY, type LeasedJob } from './lease.ts'
import type { RunnerOptions } from './runner-options.ts'

const claimJobs = sql<LeasedJob>(import.meta.url, 'claim-jobs.sql')
const renewLeases = sql(import.meta.url, 'renew-leases.sql')

/** Does a service's jobs: performs them outside any transaction, ends whatever is done together in one. */
export class JobRunner implements Taker, AsyncDisposable {
  readonly #options: RunnerOptions
  readonly #workers: ReadonlyMap<string, Worker>
  /** Jobs in this process, by type: in the air or waiting for their turn. */
  readonly #held = new Map<string, { inAir: number; waiting: LeasedJob[] }>()
  readonly #claims: Loop
  readonly #conclusions: Loop
  readonly #renewals: Loop
  /** The attempt of every job that this process holds: waiting, in the air, or not yet recorded. */
  readonly #leased = new Map<string, number>()
  #ended: Ended[] = []
  /** Jobs may be waiting in the table for which there was no room here. */
  #behind = false
  #signal = { signal: new AbortController().signal, until: 0 }
  #started = false
  #settled: (() => void)[] = []

  constructor(options: RunnerOptions) {
    this.#options = options
    this.#workers = new Map(options.workers.map((worker) => [worker.job.type, worker]))
    for (const type of this.#workers.keys()) this.#held.set(type, { inAir: 0, waiting: [] })
    const log = options.telemetry.log.child({ jobs: [...this.#workers.keys()].join() })
    this.#claims = new Loop(() => this.#claim(), log)
    this.#conclusions = new Loop(() => this.#conclude(), log)
    this.#renewals = new Loop(() => this.#renew(), log, undefined, LEASE / 4)
  }

  start(): void {
    if (this.#workers.size === 0) return
    this.#started = true
    this.#claims.start()
    this.#conclusions.start()
    this.#renewals.start()
  }

  hasRoomFor(type: string, asked: number): boolean {
    const worker = this.#workers.get(type)
    return this.#started && worker !== undefined && this.#count(type) + asked < 2 * worker.concurrency
  }

  take(jobs: readonly LeasedJob[]): void {
    for (const job of jobs) {
      const held = this.#held.get(job.type)
      const worker = this.#workers.get(job.type)
      // Held already: its lease ran out while this process stood still, and the try that goes on will be told so.
      if (held === undefined || worker === undefined || this.#leased.has(job.id)) continue
      this.#leased.set(job.id, job.attempt)
      if (held.inAir < worker.concurrency) void this.#perform(job, worker)
      else held.waiting.push(job)
    }
  }

  wake(): void {
    this.#claims.wake()
  }

  /** Does every job that is due now, and what it leads to in this service; for tests, on a runner that is not started. */
  async drain(): Promise<boolean> {
    let any = false
    while ((await this.#claim()) === 'handled' || this.#busy) {
      any = true
      if (this.#ended.length > 0) await this.#conclude()
      else if (this.#busy) await new Promise<void>((resolve) => this.#settled.push(resolve))
    }
    return any
  }

  /** Takes nothing new, waits for what is in the air, and gives back what has not begun. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#started = false
    await this.#claims[Symbol.asyncDispose]()
    for (const held of this.#held.values()) {
      this.#ended.push(...held.waiting.map((job): Ended => ({ job, postponed: 0, reason: 'given back at shutdown' })))
      held.waiting = []
    }
    while (this.#flying > 0) await new Promise<void>((resolve) => this.#settled.push(resolve))
    await this.#conclusions[Symbol.asyncDispose]()
    while (this.#ended.length > 0) await this.#conclude()
    await this.#renewals[Symbol.asyncDispose]()
  }

  get #flying(): number {
    let count = 0
    for (const { inAir } of this.#held.values()) count += inAir
    return count
  }

  get #busy(): boolean {
    return this.#flying > 0 || this.#ended.length > 0
  }

  #count(type: string): number {
    const held = this.#held.get(type)
    return held === undefined ? 0 : held.inAir + held.waiting.length
  }

  async #claim(): Promise<Found> {
    const rooms = [...this.#workers].map(([type, { concurrency }]) => ({ type, room: concurrency - this.#count(type) }))
    const free = rooms.filter(({ room }) => room > 0)
    this.#behind = free.length < rooms.length
    if (free.length === 0) return 'idle'
    const most = Math.min(...free.map(({ room }) => room))
    const jobs = await this.#options.db.query(claimJobs, [free.map(({ type }) => type), most, LEASE])
    this.take(jobs)
    return jobs.length === 0 ? 'idle' : 'handled'
  }

  async #perform(job: LeasedJob, worker: Worker): Promise<void> {
    const { platform } = this.#options
    const held = this.#held.get(job.type)
    if (held === undefined) return
    held.inAir++
    try {
      const data = worker.job.parse(job.data)
      platform.failpoint('job.before-perform')
      const signal = this.#trySignal()
      const attempt = { id: job.id, number: job.attempt, signal }
      const result = await orTooLong(
        withTrace(traceOf(job), () => worker.perform(data, attempt, platform)),
        signal,
      )
      platform.failpoint('job.after-perform')
      this.#ended.push({ job, worker, done: { data, result } })
    } catch (error) {
      this.#ended.push({ job, worker, failed: error })
    }
    held.inAir--
    const next = held.waiting.shift()
    if (next !== undefined) void this.#perform(next, worker)
    this.#conclusions.wake()
    for (const settle of this.#settled.splice(0)) settle()
  }

  async #conclude(): Promise<Found> {
    const ended = this.#ended
    if (ended.length === 0) return 'idle'
    this.#ended = []
    try {
      const next = await conclude(ended, this.#options)
      for (const { job } of ended) this.#leased.delete(job.id)
      if (next !== undefined && this.#started) setTimeout(() => this.#claims.wake(), next).unref()
    } catch (error) {
      // The results are facts already: they are kept until they can be recorded.
      this.#ended.unshift(...ended)
      throw error
    }
    if (this.#behind) this.#claims.wake()
    return 'handled'
  }

  /** Keeps what this process holds, however long it takes. */
  async #renew(): Promise<Found> {
    if (this.#leased.size > 0) {
      await this.#options.db.query(renewLeases, [[...this.#leased.keys()], [...this.#leased.values()], LEASE])
    }
    return 'idle'
  }

  /** One signal for all tries that begin within the same second. */
  #trySignal(): AbortSignal {
    const now = Date.now()
    if (now > this.#signal.until) this.#signal = { signal: AbortSignal.timeout(TRY), until: now + 1_000 }
    return this.#signal.signal
  }
}

/** A try that is not over in time has failed, whether or not it listens to its signal. */
const orTooLong = <T>(result: Promise<T>, signal: AbortSignal): Promise<T> =>
  new Promise((resolve, reject) => {
    const giveUp = (): void => reject(new Error(`not done within ${TRY / 1000} s`))
    signal.addEventListener('abort', giveUp, { once: true })
    result.then(resolve, reject).finally(() => signal.removeEventListener('abort', giveUp))
  })

/** A job's log lines carry the trace and the correlation of what asked for it. */
const traceOf = ({ cause, key }: LeasedJob): Trace => {
  const trace_id = traceIdOf(cause?.traceparent)
  return {
    ...(trace_id === undefined ? {} : { trace_id }),
    correlation_id: cause?.correlationid ?? key,
  }
}
