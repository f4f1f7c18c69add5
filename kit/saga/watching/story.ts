import type { HistoryLine } from '../state.ts'

/** What is known of a saga that somebody watches; one for all who do. */
export class Story {
  /** How many watch it. */
  watchers = 0
  #version = 0
  #ended = false
  #lines: readonly HistoryLine[] = []
  readonly #waiting = new Set<() => void>()

  /** The version of the saga that has been read; 0 for none yet. */
  get version(): number {
    return this.#version
  }

  get ended(): boolean {
    return this.#ended
  }

  /** It was read anew. */
  tell(lines: readonly HistoryLine[], version: number, ended: boolean): void {
    this.#lines = lines
    this.#version = version
    this.#ended = ended
    for (const wake of this.#waiting) wake()
  }

  /** Each line once, from after line `seen`, until the saga has ended or the signal is aborted. */
  async *follow(seen: number, signal: AbortSignal): AsyncGenerator<HistoryLine> {
    for (let n = seen; !signal.aborted;) {
      const line = this.#lines[n]
      if (line !== undefined) {
        n++
        yield line
      } else if (this.#ended) return
      else await this.#change(signal)
    }
  }

  /** Resolves when it is read anew or the signal is aborted. */
  #change(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const wake = (): void => {
        this.#waiting.delete(wake)
        signal.removeEventListener('abort', wake)
        resolve()
      }
      this.#waiting.add(wake)
      signal.addEventListener('abort', wake)
    })
  }
}
