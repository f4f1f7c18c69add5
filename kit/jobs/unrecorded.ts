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

/** Tries that have ended and are not yet recorded: those that end together are recorded in one transaction. */
export class Unrecorded {
  readonly #options: RunnerOptions
  readonly #recorded: (recorded: Recorded) => void
  readonly #counts = new Map<string, number>()
  #ended: Ended[] = []
  /** Ends that somebody's transaction keeps from being recorded: apart, so that they do not keep back the others. */
  #locked: Ended[] = []
  #lockedSince = 0
  #recording = false

  /** `recorded` is told of every end, after the commit. */
  constructor(options: RunnerOptions, recorded: (recorded: Recorded) => void) {
    this.#options = options
    this.#recorded = recorded
  }

  add(end: Ended): void {
    this.#counts.set(end.job.type, this.count(end.job.type) + 1)
    this.#ended.push(end)
  }

  /** Jobs of a type. */
  count(type: string): number {
    return this.#counts.get(type) ?? 0
  }

  /** Whether there is something to be recorded. */
  get isWaiting(): boolean {
    return this.#ended.length > 0
  }

  /** Whether all is recorded that is not locked. */
  get isDone(): boolean {
    return this.#ended.length === 0 && !this.#recording
  }

  /** Records what has ended. Whether there was anything. */
  async record(): Promise<boolean> {
    const ended = this.#ended
    if (ended.length === 0) {
      if (this.#locked.length > 0 && performance.now() - this.#lockedSince >= TRY_LOCKED) await this.#tryLocked()
      return false
    }
    this.#ended = []
    this.#recording = true
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
      this.#recording = false
    }
    return true
  }

  /** Records all, and tries once more what is locked. */
  async recordAll(): Promise<void> {
    while (this.#ended.length > 0) await this.record()
    await this.#tryLocked()
  }

  async #record(ended: readonly Ended[], options: RunnerOptions): Promise<void> {
    const next = await conclude(ended, options)
    for (const { job } of ended) this.#counts.set(job.type, this.count(job.type) - 1)
    this.#recorded({ ended, next })
  }

  /** Each on its own: a row that somebody has locked, who may never give it back, keeps back its own job only. */
  async #recordApart(ended: readonly Ended[]): Promise<void> {
    // By way of the log: neighbours may wait for locks of others.
    const options = { ...this.#options, db: impatient(this.#options.db), commit: undefined }
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

  #tryLocked(): Promise<void> {
    return this.#recordApart(this.#locked.splice(0))
  }
}
