import type { Found } from '@kit/messaging/loop'
import { isLockedOut } from '@kit/postgres/locks'
import { conclude, type Ended } from './conclude.ts'
import { impatient } from './impatient.ts'
import type { RunnerOptions } from './runner-options.ts'

/** How often what was locked is tried again, in ms. */
const TRY_LOCKED = 1_000

export type Recorded = {
  readonly ended: readonly Ended[]
  /** ms until the earliest further try, if any. */
  readonly next: number | undefined
}

/** What has ended in this process and is not yet recorded. Whatever has ended together is recorded in one transaction. */
export class Ends {
  readonly #options: RunnerOptions
  readonly #recorded: (recorded: Recorded) => void
  #waiting: Ended[] = []
  /** Ends that a transaction of somebody's keeps from being recorded: apart, so that they do not keep back the others. */
  #locked: Ended[] = []
  #lockedSince = 0
  /** How many there are, by type. */
  readonly #count = new Map<string, number>()
  #recording = false

  /** `recorded` is told of every end, after the commit. */
  constructor(options: RunnerOptions, recorded: (recorded: Recorded) => void) {
    this.#options = options
    this.#recorded = recorded
  }

  /** How many of a type are not yet recorded. */
  count(type: string): number {
    return this.#count.get(type) ?? 0
  }

  /** Whether some wait to be recorded. */
  get any(): boolean {
    return this.#waiting.length > 0
  }

  /** Whether all is recorded, but for what is locked. */
  get settled(): boolean {
    return !this.any && !this.#recording
  }

  add(end: Ended): void {
    this.#count.set(end.job.type, this.count(end.job.type) + 1)
    this.#waiting.push(end)
  }

  /** Records what waits. What cannot be recorded now is kept, for the results are facts already. */
  async record(): Promise<Found> {
    const ended = this.#waiting
    if (ended.length === 0) {
      await this.#tryLocked()
      return 'idle'
    }
    this.#waiting = []
    this.#recording = true
    try {
      await this.#record(ended, this.#options)
    } catch (error) {
      if (isLockedOut(error)) await this.#recordApart(ended)
      else {
        this.#waiting.unshift(...ended)
        throw error
      }
    } finally {
      this.#recording = false
    }
    return 'handled'
  }

  /** Records all, what is locked included if it can be had. */
  async recordAll(): Promise<void> {
    while (this.any) await this.record()
    await this.#recordApart(this.#locked.splice(0))
  }

  async #record(ended: readonly Ended[], options: RunnerOptions): Promise<void> {
    const next = await conclude(ended, options)
    for (const { job } of ended) this.#count.set(job.type, this.count(job.type) - 1)
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
          this.#waiting.unshift(...ended.slice(n))
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
}
