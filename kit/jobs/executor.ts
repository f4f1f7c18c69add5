import { Loop, type Found } from '@kit/pace/loop'
import { sql, type Statement } from '@kit/postgres/statement'
import { traceIdOf, withTrace } from '@kit/telemetry/trace-context'
import type { Trace } from '@kit/telemetry/trace-context'
import { isLockedOut } from '@kit/postgres/locks'
import { impatient } from './impatient.ts'
import { conclude, type Ended } from './conclude.ts'
import { PermanentFailure, type Worker } from './job.ts'
import { SUSPECT, TRY, UNFINISHED, type LeasedJob } from './lease.ts'
import type { RunnerOptions } from './runner-options.ts'
import { Turns } from './turns.ts'

const markBegun = sql(import.meta.url, 'mark-begun.sql')

/** How often what was locked is tried again, in ms. */
const TRY_LOCKED = 1_000

/** How what is held stays with this process: by a statement with ids uuid[], attempts int[] and the lease in ms. */
export type Lease = { readonly renew: Statement; readonly lease: number }

export type Recorded = {
  readonly ended: readonly Ended[]
  /** ms until the earliest further try, if any. */
  readonly next: number | undefined
}

/** Performs the jobs that this process holds, outside any transaction, and ends whatever is done together in one. */
export class Executor {
  readonly workers: ReadonlyMap<string, Worker>
  readonly #options: RunnerOptions
  readonly #lease: Lease
  readonly #recorded: (recorded: Recorded) => void
  readonly #turns: Turns
  readonly #conclusions: Loop
  readonly #renewals: Loop
  /** The attempt of every job that this process holds: waiting, in the air, or not yet recorded. */
  readonly #leased = new Map<string, number>()
  #ended: Ended[] = []
  /** Ends that a transaction of somebody's keeps from being recorded: apart, so that they do not keep back the others. */
  #locked: Ended[] = []
  #lockedSince = 0
  /** How many have ended and are not yet recorded, by type. */
  readonly #unrecorded = new Map<string, number>()
  #concluding = false
  #signal = { signal: new AbortController().signal, until: -1 }
  #settled: (() => void)[] = []

  /** `recorded` is told of every end, after the commit. */
  constructor(options: RunnerOptions, lease: Lease, recorded: (recorded: Recorded) => void) {
    this.#options = options
    this.#lease = lease
    this.#recorded = recorded
    this.workers = new Map(options.workers.map((worker) => [worker.job.type, worker]))
    this.#turns = new Turns(options.workers)
    const log = options.telemetry.log.child({ jobs: [...this.workers.keys()].join() })
    this.#conclusions = new Loop(() => this.conclude(), log)
    this.#renewals = new Loop(() => this.#renew(), log, undefined, { poll: lease.lease / 4 })
  }

  start(): void {
    this.#conclusions.start()
    this.#renewals.start()
  }

  take(jobs: readonly LeasedJob[]): void {
    for (const job of jobs) {
      const worker = this.workers.get(job.type)
      // Held already: a message that came twice.
      if (worker === undefined || this.#leased.has(job.id)) continue
      this.#leased.set(job.id, job.attempt)
      if (job.unfinished > UNFINISHED) this.#end({ job, worker, failed: new PermanentFailure(DEADLY) })
      else this.#turns.add(job)
    }
    this.#advance()
  }

  /** Jobs of a type in the air or waiting for their turn. */
  count(type: string): number {
    return this.#turns.count(type)
  }

  /** Jobs of a type that have ended and are not yet recorded. */
  unrecorded(type: string): number {
    return this.#unrecorded.get(type) ?? 0
  }

  /** The ids of the jobs that this process holds: waiting, in the air, or not yet recorded. */
  held(): readonly string[] {
    return [...this.#leased.keys()]
  }

  /** Which try of a job this process holds; undefined when none. */
  attemptOf(id: string): number | undefined {
    return this.#leased.get(id)
  }

  /** Whether something is in the air or not yet recorded. */
  get busy(): boolean {
    return this.#turns.flying > 0 || this.#ended.length > 0
  }

  /** Until something has ended that is not recorded; at once when nothing is in the air. */
  async ended(): Promise<void> {
    if (this.#ended.length === 0 && this.busy) await new Promise<void>((resolve) => this.#settled.push(resolve))
  }

  /** Records what has ended. */
  async conclude(): Promise<Found> {
    const ended = this.#ended
    if (ended.length === 0) {
      await this.#tryLocked()
      return 'idle'
    }
    this.#ended = []
    this.#concluding = true
    try {
      await this.#record(ended, this.#options)
    } catch (error) {
      if (isLockedOut(error)) await this.#recordApart(ended)
      else {
        // The results are facts already: they are kept until they can be recorded.
        this.#ended.unshift(...ended)
        throw error
      }
    } finally {
      this.#concluding = false
    }
    this.#advance()
    return 'handled'
  }

  async #record(ended: readonly Ended[], options: RunnerOptions): Promise<void> {
    const next = await conclude(ended, options)
    for (const { job } of ended) {
      this.#leased.delete(job.id)
      this.#unrecorded.set(job.type, this.unrecorded(job.type) - 1)
    }
    this.#recorded({ ended, next })
  }

  /** Each on its own: a row that somebody has locked, who may never give it back, keeps back its own job only. */
  async #recordApart(ended: readonly Ended[]): Promise<void> {
    const options = { ...this.#options, db: impatient(this.#options.db) }
    for (const [n, one] of ended.entries()) {
      try {
        await this.#record([one], options)
      } catch (error) {
        if (isLockedOut(error)) this.#locked.push(one)
        else {
          this.#ended.unshift(...ended.slice(n))
          throw error
        }
      }
    }
    this.#lockedSince = performance.now()
  }

  async #tryLocked(): Promise<void> {
    if (this.#locked.length === 0 || performance.now() - this.#lockedSince < TRY_LOCKED) return
    await this.#recordApart(this.#locked.splice(0))
  }

  /** Waits for what is in the air and records it; `giveBack` says what is recorded of that which has not begun. */
  async close(giveBack: (job: LeasedJob) => Ended | undefined): Promise<void> {
    for (const job of this.#turns.clear()) {
      const end = giveBack(job)
      if (end !== undefined) this.#ended.push(end)
    }
    try {
      while (this.#turns.flying > 0) await new Promise<void>((resolve) => this.#settled.push(resolve))
      await this.#conclusions[Symbol.asyncDispose]()
      while (this.#ended.length > 0) await this.conclude()
      await this.#recordApart(this.#locked.splice(0))
    } finally {
      // What could not be recorded is tried again by somebody else, once its lease has run out.
      await this.#renewals[Symbol.asyncDispose]()
    }
  }

  #advance(): void {
    for (const job of this.#turns.begin(this.#ended.length === 0 && !this.#concluding)) {
      const worker = this.workers.get(job.type)
      if (worker !== undefined) void this.#perform(job, worker)
    }
  }

  async #perform(job: LeasedJob, worker: Worker): Promise<void> {
    const { platform, db } = this.#options
    let end: Ended
    try {
      const data = worker.job.parse(job.data)
      if (job.unfinished > SUSPECT || job.redelivered === true) await db.query(markBegun, [job.id, job.attempt])
      platform.failpoint('job.before-perform')
      const signal = this.#trySignal()
      const attempt = { id: job.id, number: job.attempt, signal }
      const result = await orTooLong(
        withTrace(traceOf(job), () => worker.perform(data, attempt, platform)),
        signal,
      )
      platform.failpoint('job.after-perform')
      end = { job, worker, done: { data, result } }
    } catch (error) {
      end = { job, worker, failed: error }
    }
    this.#turns.end(job)
    this.#end(end)
    this.#advance()
  }

  #end(end: Ended): void {
    this.#unrecorded.set(end.job.type, this.unrecorded(end.job.type) + 1)
    this.#ended.push(end)
    this.#conclusions.wake()
    for (const settle of this.#settled.splice(0)) settle()
  }

  /** Keeps what this process holds, however long it takes. */
  async #renew(): Promise<Found> {
    if (this.#leased.size > 0) {
      const { renew, lease } = this.#lease
      await this.#options.db.query(renew, [[...this.#leased.keys()], [...this.#leased.values()], lease])
    }
    return 'idle'
  }

  /** One signal for all tries that begin within the same second; by a clock that nobody sets. */
  #trySignal(): AbortSignal {
    const now = performance.now()
    const limit = this.#options.times?.try ?? TRY
    if (now > this.#signal.until) this.#signal = { signal: AbortSignal.timeout(limit), until: now + limit / 60 }
    return this.#signal.signal
  }
}

/** Why such a job is dead. */
export const DEADLY = 'its tries begin and do not end: it may kill its process'

/** A try that is not over in time has failed, whether or not it listens to its signal. */
const orTooLong = <T>(result: Promise<T>, signal: AbortSignal): Promise<T> =>
  new Promise((resolve, reject) => {
    const giveUp = (): void => reject(new Error('the try took too long and was given up'))
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
