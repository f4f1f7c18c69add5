import { KeptBack } from '@kit/message/kept-back'
import type { Consumer } from './consumer.ts'
import { reasonOf } from './reason.ts'

/** Messages of several keys were handled one by one, and not one of them could be. */
export class EverythingFails extends Error {
  override readonly name = 'EverythingFails'
}

/** So many keys that fail at one consumer, while none succeeds, are no coincidence. */
const SEVERAL = 3

/** What has become of a batch, by consumer: one may be broken beside another that works. */
export class Tally {
  readonly #stoodStill: boolean
  readonly #handled = new Set<Consumer>()
  readonly #failed = new Map<Consumer, Map<string, unknown>>()

  /** `stoodStill`: not one message could be handled the last time. */
  constructor(stoodStill: boolean) {
    this.#stoodStill = stoodStill
  }

  handled(consumer: Consumer): void {
    this.#handled.add(consumer)
  }

  /** What another release will handle has not failed. */
  failed(consumer: Consumer, key: string, error: unknown): void {
    if (error instanceof KeptBack) return
    const failed = this.#failed.get(consumer) ?? new Map<string, unknown>()
    this.#failed.set(consumer, failed.set(key, error))
  }

  /** Throws when a consumer has failed so often, and succeeded so little, that no message can be to blame. */
  refuseToBlame(): void {
    for (const [consumer, failed] of this.#failed) {
      if (this.#handled.has(consumer) || (failed.size < SEVERAL && !this.#stoodStill)) continue
      const [first] = failed.values()
      const message = `messages of ${failed.size} keys fail, each alone: ${reasonOf(first)}`
      throw new EverythingFails(message, { cause: first })
    }
  }
}
