/** Ms between faults over which the purchases of one stretch are spread. */
const STRETCH = 1_500

/** Lets purchases begin in stretches, one for each fault, so that there is load at every one of them. */
export class Gate {
  readonly #share: number
  #allowed = 0
  #changed = Promise.withResolvers<void>()
  readonly #total: number

  readonly #atOnce: number

  /** `share`: purchases of one stretch; `atOnce`: customers that have one under way. */
  constructor({ share, total, atOnce }: { readonly share: number; readonly total: number; readonly atOnce: number }) {
    this.#share = share
    this.#total = total
    this.#atOnce = atOnce
  }

  /** Ms between two purchases of one customer, on average. */
  get pause(): number {
    return (STRETCH * this.#atOnce) / this.#share
  }

  open(): void {
    this.#allowed = Math.min(this.#total, this.#allowed + this.#share)
    this.#changed.resolve()
    this.#changed = Promise.withResolvers()
  }

  openAll(): void {
    this.#allowed = this.#total
    this.open()
  }

  async reaches(n: number): Promise<void> {
    while (n >= this.#allowed) await this.#changed.promise
  }
}
