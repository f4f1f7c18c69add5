/** Ms between faults over which the purchases of one stretch are spread. */
const STRETCH = 1_500

export type GateOptions = {
  readonly total: number
  /** How often it will be opened by plan. */
  readonly openings: number
  /** Customers that have a purchase under way. */
  readonly atOnce: number
}

/** Lets purchases begin in stretches, one for each fault, so that there is load at every one of them. */
export class Gate {
  readonly #total: number
  readonly #pause: number
  #openings: number
  #allowed = 0
  #changed = Promise.withResolvers<void>()

  constructor({ total, openings, atOnce }: GateOptions) {
    this.#total = total
    this.#openings = openings
    // Of a few in a stretch each begins soon, or what is waited for after a fault would not be there yet.
    this.#pause = STRETCH * Math.min(1, (atOnce * (openings + 1)) / total)
  }

  /** Ms between two purchases of one customer, on average. */
  get pause(): number {
    return this.#pause
  }

  /** By plan. */
  open(): void {
    this.#openings = Math.max(0, this.#openings - 1)
    this.openOnceMore()
  }

  /** Beside the plan, as when a moment did not come: the stretches that are left become smaller, and none is empty. */
  openOnceMore(): void {
    this.#allow(this.#allowed + (this.#total - this.#allowed) / (this.#openings + 2))
  }

  openAll(): void {
    this.#allow(this.#total)
  }

  async reaches(n: number): Promise<void> {
    while (n >= this.#allowed) await this.#changed.promise
  }

  #allow(upTo: number): void {
    this.#allowed = upTo
    this.#changed.resolve()
    this.#changed = Promise.withResolvers()
  }
}
