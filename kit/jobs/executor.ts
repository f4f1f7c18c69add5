import { traceOf } from '@kit/messaging/trace'
import { Loop, type Found } from '@kit/pace/loop'
import { sql, type Statement } from '@kit/postgres/statement'
import { withTrace } from '@kit/telemetry/trace-context'
import type { Ended } from './conclude.ts'
import { PermanentFailure, type Worker } from './job.ts'
import { SUSPECT, TRY, UNFINISHED, type LeasedJob } from './lease.ts'
import type { RunnerOptions } from './runner-options.ts'
import { Turns } from './turns.ts'
import { Unrecorded, type Recorded } from './unrecorded.ts'

const markBegun = sql(import.meta.url, 'mark-begun.sql')

/** How what is held stays with this process: by a statement with ids uuid[], attempts int[] and the lease in ms. */
export type Lease = { readonly renew: Statement; readonly lease: number }

/** Performs the jobs that this process holds, outside any transaction, and ends whatever is done together in one. */
export class Executor {
  readonly workers: ReadonlyMap<string, Worker>
  readonly #options: RunnerOptions
  readonly #lease: Lease
  readonly #unrecorded: Unrecorded
  readonly #turns: Turns
  readonly #conclusions: Loop
  readonly #renewals: Loop
  /** The attempt of every job that this process holds: waiting, in the air, or not yet recorded. */
  readonly #leased = new Map<string, number>()
  #signal = { signal: new AbortController().signal, until: -1 }
  /** Those who wait for a try to end. */
  #awaiting: (() => void)[] = []

  /** `recorded` is told of every end, after the commit. */
  constructor(options: RunnerOptions, lease: Lease, recorded: (recorded: Recorded) => void) {
    this.#options = options
    this.#lease = lease
    this.#unrecorded = new Unrecorded(options, (record) => {
      for (const { job } of record.ended) this.#leased.delete(job.id)
      recorded(record)
    })
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
    return this.#unrecorded.count(type)
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
    return this.#turns.flying > 0 || this.#unrecorded.isWaiting
  }

  /** Until something has ended that is not recorded; at once when nothing is in the air. */
  async ended(): Promise<void> {
    if (!this.#unrecorded.isWaiting && this.busy) await this.#nextEnd()
  }

  /** Records what has ended. */
  async conclude(): Promise<Found> {
    if (!(await this.#unrecorded.record())) return 'idle'
    this.#advance()
    return 'handled'
  }

  /** Waits for what is in the air and records it; `giveBack` says what is recorded of that which has not begun. */
  async close(giveBack: (job: LeasedJob) => Ended | undefined): Promise<void> {
    for (const job of this.#turns.clear()) {
      const end = giveBack(job)
      if (end !== undefined) this.#unrecorded.add(end)
    }
    try {
      while (this.#turns.flying > 0) await this.#nextEnd()
      await this.#conclusions[Symbol.asyncDispose]()
      await this.#unrecorded.recordAll()
    } finally {
      // What could not be recorded is tried again by somebody else, once its lease has run out.
      await this.#renewals[Symbol.asyncDispose]()
    }
  }

  #advance(): void {
    for (const job of this.#turns.begin(this.#unrecorded.isDone)) {
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
        withTrace(traceOf(job.key, job.cause), () => worker.perform(data, attempt, platform)),
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
    this.#unrecorded.add(end)
    this.#conclusions.wake()
    for (const tell of this.#awaiting.splice(0)) tell()
  }

  #nextEnd(): Promise<void> {
    return new Promise((resolve) => this.#awaiting.push(resolve))
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
