import type { Logger } from '@kit/telemetry/telemetry'
import { blameOf } from './failure.ts'
import { reasonOf } from './reason.ts'

/** A step that fails again and again, or does not end, for so long means that the group stands still, in ms. */
const PATIENCE = 5_000

/** Whether a reader gets on: told of every step, it says so when one hangs, or when they keep failing. */
export class Progress {
  readonly #group: string
  readonly #log: Logger
  #stepSince: number | undefined
  #short = { partitions: 0, since: 0 }
  #failure: { readonly since: number; readonly what: string; readonly isSystematic: boolean } | undefined

  constructor(group: string, log: Logger) {
    this.#group = group
    this.#log = log
  }

  async watch<T>(step: () => Promise<T>): Promise<T> {
    this.#stepSince = performance.now()
    try {
      const result = await step()
      if (this.#failure?.isSystematic === true) this.#log.info({ group: this.#group }, 'the group goes on')
      this.#failure = undefined
      return result
    } catch (error) {
      this.#note(error)
      throw error
    } finally {
      this.#stepSince = undefined
    }
  }

  /** The last step failed, and no message was to blame. */
  get isStandingStill(): boolean {
    return this.#failure?.isSystematic === true
  }

  /** So many partitions are locked by a transaction of somebody's and are not read. */
  isShort(partitions: number): void {
    const since = partitions > 0 && this.#short.partitions > 0 ? this.#short.since : performance.now()
    this.#short = { partitions, since }
  }

  /** In words that anybody may read; the log has the rest. */
  complaint(): string | undefined {
    const now = performance.now()
    if (this.#failure !== undefined && (this.#failure.isSystematic || now - this.#failure.since > PATIENCE))
      return `the messages of ${this.#group} stand still: ${this.#failure.what}`
    if (this.#short.partitions > 0 && now - this.#short.since > PATIENCE)
      return `${this.#short.partitions} partitions of ${this.#group} are locked by a transaction that does not end`
    const step = this.#stepSince === undefined ? 0 : now - this.#stepSince
    return step > PATIENCE
      ? `${this.#group} has been at one batch of messages for ${Math.round(step / 1000)} s`
      : undefined
  }

  #note(error: unknown): void {
    const isSystematic = blameOf(error) === 'systematic'
    if (isSystematic && this.#failure?.isSystematic !== true)
      this.#log.error({ group: this.#group, error: reasonOf(error) }, 'the group stands still; nothing is parked')
    this.#failure = { since: this.#failure?.since ?? performance.now(), what: kindOf(error), isSystematic }
  }
}

/** The kind of error without its data. */
const kindOf = (error: unknown): string => {
  const code: unknown = Object(error).code
  if (typeof code === 'string') return `error ${code}`
  return error instanceof Error ? error.name : 'an error'
}
