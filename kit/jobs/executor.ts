import { Loop, type Found } from '@kit/messaging/loop'
import type { Statement } from '@kit/postgres/statement'
import type { Ended } from './conclude.ts'
import { Ends, type Recorded } from './ends.ts'
import { PermanentFailure, type Worker } from './job.ts'
import { UNFINISHED, type LeasedJob } from './lease.ts'
import type { RunnerOptions } from './runner-options.ts'
import { tries, type MakeTry } from './tries.ts'
import { Turns } from './turns.ts'

/** How what is held stays with this process: by a statement with ids uuid[], attempts int[] and the lease in ms. */
export type Lease = { readonly renew: Statement; readonly lease: number }

/** Why such a job is dead. */
export const DEADLY = 'its tries begin and do not end: it may kill its process'

/** Has the jobs that this process holds: each in its turn, tried, recorded, and until then not taken from it. */
export class Executor {
  readonly workers: ReadonlyMap<string, Worker>
  readonly #options: RunnerOptions
  readonly #lease: Lease
  readonly #turns: Turns
  readonly #makeTry: MakeTry
  readonly #ends: Ends
  readonly #conclusions: Loop
  readonly #renewals: Loop
  /** The attempt of every job that this process holds: waiting, in the air, or not yet recorded. */
  readonly #leased = new Map<string, number>()
  #settled: (() => void)[] = []

  /** `recorded` is told of every end, after the commit. */
  constructor(options: RunnerOptions, lease: Lease, recorded: (recorded: Recorded) => void) {
    this.#options = options
    this.#lease = lease
    this.workers = new Map(options.workers.map((worker) => [worker.job.type, worker]))
    this.#turns = new Turns(options.workers)
    this.#makeTry = tries(options)
    this.#ends = new Ends(options, (one) => {
      for (const { job } of one.ended) this.#leased.delete(job.id)
      recorded(one)
    })
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
    return this.#ends.count(type)
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
    return this.#turns.flying > 0 || this.#ends.any
  }

  /** Until something has ended that is not recorded; at once when nothing is in the air. */
  async ended(): Promise<void> {
    if (!this.#ends.any && this.busy) await new Promise<void>((resolve) => this.#settled.push(resolve))
  }

  /** Records what has ended. */
  async conclude(): Promise<Found> {
    const found = await this.#ends.record()
    if (found === 'handled') this.#advance()
    return found
  }

  /** Waits for what is in the air and records it; `giveBack` says what is recorded of that which has not begun. */
  async close(giveBack: (job: LeasedJob) => Ended | undefined): Promise<void> {
    for (const job of this.#turns.clear()) {
      const end = giveBack(job)
      if (end !== undefined) this.#ends.add(end)
    }
    try {
      while (this.#turns.flying > 0) await new Promise<void>((resolve) => this.#settled.push(resolve))
      await this.#conclusions[Symbol.asyncDispose]()
      await this.#ends.recordAll()
    } finally {
      // What could not be recorded is tried again by somebody else, once its lease has run out.
      await this.#renewals[Symbol.asyncDispose]()
    }
  }

  #advance(): void {
    for (const job of this.#turns.begin(this.#ends.settled)) {
      const worker = this.workers.get(job.type)
      if (worker !== undefined) void this.#perform(job, worker)
    }
  }

  async #perform(job: LeasedJob, worker: Worker): Promise<void> {
    const end = await this.#makeTry(job, worker)
    this.#turns.end(job)
    this.#end(end)
    this.#advance()
  }

  #end(end: Ended): void {
    this.#ends.add(end)
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
}
