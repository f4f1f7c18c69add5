import { setTimeout as pause } from 'node:timers/promises'
import type { Logger } from '@kit/telemetry/telemetry'

/** How long a loop with nothing to do waits for a wake-up before it looks by itself, in ms. */
const POLL = 1_000
/** How long it lets a crowd gather, in ms. */
const GATHER = 5
const MAX_BACKOFF = 2_000

/** What a step has found: more may be waiting, more will come at once, this was all, or there was nothing. */
export type Found = 'handled' | 'crowded' | 'emptied' | 'idle'

/** How long a loop waits, in ms. */
type Pace = {
  /** When nothing was left and nobody has woken it; a second unless given. */
  readonly poll?: number | undefined
  /** After every step that has found something; 0 unless given. */
  readonly rest?: number | undefined
}

/** Repeats a step while there is something to do, sleeps until woken, and backs off while it fails. */
export class Loop implements AsyncDisposable {
  readonly #step: () => Promise<Found>
  readonly #log: Logger
  readonly #afterFailure: () => void
  readonly #poll: number
  readonly #restTime: number
  #running: Promise<void> | undefined
  #stopped = false
  readonly #stop = new AbortController()
  #woken = false
  #rouse: (() => void) | undefined

  constructor(
    step: () => Promise<Found>,
    log: Logger,
    afterFailure: () => void = () => undefined,
    { poll = POLL, rest = 0 }: Pace = {},
  ) {
    this.#poll = poll
    this.#restTime = rest
    this.#step = step
    this.#log = log
    this.#afterFailure = afterFailure
  }

  start(): void {
    this.#running ??= this.#run()
  }

  wake(): void {
    this.#woken = true
    this.#rouse?.()
  }

  /** Ends after the step that is under way. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopped = true
    this.#stop.abort()
    this.wake()
    await this.#running
  }

  async #run(): Promise<void> {
    let failures = 0
    while (!this.#stopped) {
      this.#woken = false
      try {
        const found = await this.#step()
        failures = 0
        if (this.#restTime > 0 && found !== 'idle') await this.#rest(this.#restTime)
        if (found === 'idle' || found === 'emptied') await this.#sleep(this.#poll)
        if (found === 'crowded') await this.#rest(GATHER)
      } catch (error) {
        this.#afterFailure()
        if (this.#stopped) return
        failures++
        this.#log.warn({ error: String(error), failures }, 'a step failed and will be repeated')
        // Not ended by a wake-up: what fails is not helped by more of it.
        await this.#rest(Math.min(MAX_BACKOFF, 10 * 2 ** failures) * (0.5 + Math.random() / 2))
      }
    }
  }

  /** Until the time is over, or the loop is stopped. */
  async #rest(ms: number): Promise<void> {
    await pause(ms, undefined, { signal: this.#stop.signal }).catch(() => undefined)
  }

  /** Until the time is over or somebody wakes it; not at all when woken since the step began. */
  #sleep(ms: number): Promise<void> {
    if (this.#woken || this.#stopped) return Promise.resolve()
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms)
      this.#rouse = () => {
        clearTimeout(timer)
        resolve()
      }
    })
  }
}
