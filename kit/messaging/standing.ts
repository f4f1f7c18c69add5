import type { Logger } from '@kit/telemetry/telemetry'
import { blameOf } from './failure.ts'
import { reasonOf } from './reason.ts'

/** A step that fails again and again, or does not end, for so long means that the group stands still, in ms. */
const PATIENCE = 5_000

/** Whether a reader gets on: told of every step, it says so when one hangs, or when they keep failing. */
export class Standing {
  readonly #group: string
  readonly #log: Logger
  #stepSince: number | undefined
  #failure: { readonly since: number; readonly reason: string; readonly isSystematic: boolean } | undefined

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

  complaint(): string | undefined {
    const now = performance.now()
    if (this.#failure !== undefined && (this.#failure.isSystematic || now - this.#failure.since > PATIENCE))
      return `${this.#group} stands still: ${this.#failure.reason}`
    const step = this.#stepSince === undefined ? 0 : now - this.#stepSince
    return step > PATIENCE ? `${this.#group} has been at one batch for ${Math.round(step / 1000)} s` : undefined
  }

  #note(error: unknown): void {
    const isSystematic = blameOf(error) === 'systematic'
    const reason = reasonOf(error)
    if (isSystematic && this.#failure?.isSystematic !== true)
      this.#log.error({ group: this.#group, error: reason }, 'the group stands still; nothing is parked')
    this.#failure = { since: this.#failure?.since ?? performance.now(), reason, isSystematic }
  }
}
