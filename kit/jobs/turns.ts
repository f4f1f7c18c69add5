import type { Worker } from './job.ts'
import { SUSPECT, type LeasedJob } from './lease.ts'

/** Which of the jobs that a process holds may begin: so many of a type at once, and a suspect only alone. */
export class Turns {
  readonly #types: ReadonlyMap<string, { readonly most: number; inAir: number; waiting: LeasedJob[] }>
  /** What may kill this process takes nothing along when it is tried alone, with all else recorded. */
  readonly #suspects: LeasedJob[] = []
  #alone = false
  #flying = 0

  constructor(workers: readonly Worker[]) {
    this.#types = new Map(
      workers.map(({ job, concurrency }) => [job.type, { most: concurrency, inAir: 0, waiting: [] }]),
    )
  }

  /** Jobs that have begun and not ended. */
  get flying(): number {
    return this.#flying
  }

  /** Jobs of a type in the air or waiting for their turn. */
  count(type: string): number {
    const held = this.#types.get(type)
    return held === undefined ? 0 : held.inAir + held.waiting.length
  }

  add(job: LeasedJob): void {
    if (job.unfinished > SUSPECT) this.#suspects.push(job)
    else this.#types.get(job.type)?.waiting.push(job)
  }

  /** The jobs whose turn it is now. `allRecorded`: whatever has ended is. */
  begin(allRecorded: boolean): readonly LeasedJob[] {
    if (this.#alone) return []
    if (this.#suspects.length > 0) {
      if (!allRecorded || this.#flying > 0) return []
      this.#alone = true
      // Those that were alone before come last: whatever was only near them is done by then.
      this.#suspects.sort((one, other) => one.unfinished - other.unfinished)
      return this.#suspects.splice(0, 1).map((job) => this.#fly(job))
    }
    const begun: LeasedJob[] = []
    for (const held of this.#types.values()) {
      const room = held.most - held.inAir
      if (room > 0 && held.waiting.length > 0) begun.push(...held.waiting.splice(0, room).map((job) => this.#fly(job)))
    }
    return begun
  }

  end({ type }: LeasedJob): void {
    const held = this.#types.get(type)
    if (held !== undefined) held.inAir--
    this.#flying--
    this.#alone = false
  }

  /** Takes out all that has not begun. */
  clear(): readonly LeasedJob[] {
    return [...this.#types.values()].flatMap(({ waiting }) => waiting.splice(0)).concat(this.#suspects.splice(0))
  }

  #fly(job: LeasedJob): LeasedJob {
    const held = this.#types.get(job.type)
    if (held !== undefined) held.inAir++
    this.#flying++
    return job
  }
}
