import type { Logger } from '@kit/telemetry/telemetry'
import { publicReasonIn, reasonIn } from './errors.ts'

/** Whoever cannot fetch for so long says so, in ms. */
const PATIENCE = 5_000

/** What a group's fetching has met, by broker: one that answers says nothing of another. */
export class Troubles {
  readonly #group: string
  readonly #log: Logger
  readonly #of = new Map<number, { readonly what: string; readonly since: number }>()

  constructor(group: string, log: Logger) {
    this.#group = group
    this.#log = log
  }

  note(cause: unknown, broker: number): void {
    const before = this.#of.get(broker)
    if (before === undefined)
      this.#log.warn({ group: this.#group, error: reasonIn(cause) }, 'cannot read from Kafka; trying on')
    this.#of.set(broker, { what: publicReasonIn(cause), since: before?.since ?? performance.now() })
  }

  /** The broker answers. */
  clear(broker: number): void {
    this.#of.delete(broker)
  }

  /** Nothing is asked of any other any more. */
  keepOnly(asked: (broker: number) => boolean): void {
    for (const broker of this.#of.keys()) if (!asked(broker)) this.#of.delete(broker)
  }

  readonly complaint = (): string | undefined => {
    for (const { what, since } of this.#of.values())
      if (performance.now() - since > PATIENCE) return `${this.#group} cannot read from Kafka: ${what}`
    return undefined
  }
}
