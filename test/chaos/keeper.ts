import { setTimeout as sleep } from 'node:timers/promises'
import { FleetProcess, NotReady, type FleetOptions } from '../fleet/fleet-process.ts'
import { Shop } from '../fleet/shop.ts'

/** Starts that may fail in a row before it is the shop's fault. */
const STARTS = 3

/** Characters of a process's log that are enough to see what it was at. */
const SAID = 6_000

/** Keeps one fleet running: whoever wants to buy waits here for the shop to be open again. */
export class Keeper implements AsyncDisposable {
  #options: FleetOptions
  readonly #anew: () => Readonly<Record<string, string>>
  readonly #log: (line: string) => void
  #fleet: FleetProcess | undefined
  #open = Promise.withResolvers<Shop>()
  #closed = false
  /** Times that it ended although nobody had killed it. */
  collapses = 0
  starts = 0

  /** `anew`: environment that each start has for itself. */
  constructor(options: FleetOptions, anew: () => Readonly<Record<string, string>>, log: (line: string) => void) {
    this.#options = options
    this.#anew = anew
    this.#log = log
  }

  /** The shop as it is now; while it is down, once it is up again. */
  shop = (): Promise<Shop> => this.#open.promise

  get isUp(): boolean {
    return this.#fleet !== undefined
  }

  /** Of the process that runs. Throws when none does. */
  get pid(): number {
    if (this.#fleet === undefined) throw new Error('the shop is not up')
    return this.#fleet.pid
  }

  /** What the process that runs has logged last. */
  get said(): string {
    return this.#fleet?.log.slice(-SAID) ?? ''
  }

  get dataDir(): string {
    return this.#options.dataDir
  }

  /** From the next start on its database is another. */
  moveTo(databaseUrl: string): void {
    this.#options = { ...this.#options, env: { ...this.#options.env, DATABASE_URL: databaseUrl } }
  }

  /** Resolves with true when the shop is open, with false when its armed failpoint fired before that. */
  async start(failpoint?: string): Promise<boolean> {
    for (let attempt = 1; ; attempt++) {
      this.starts++
      try {
        this.#enter(await this.#launch(failpoint), failpoint !== undefined)
        return true
      } catch (error) {
        if (!(error instanceof NotReady)) throw error
        if (failpoint !== undefined && error.signal === 'SIGKILL') return false
        this.collapses++
        this.#log(error.message)
        if (attempt === STARTS) throw error
        await sleep(500)
      }
    }
  }

  async kill(): Promise<void> {
    const fleet = this.#leave()
    await fleet?.kill()
  }

  /** Waits for the process to end by itself, at most so many ms. Whether it has. */
  async ends(within: number): Promise<boolean> {
    const fleet = this.#fleet
    if (fleet === undefined) return true
    const late = new AbortController()
    const ended = await Promise.race([
      fleet.exited.then(() => true),
      sleep(within, false, { signal: late.signal }).catch(() => false),
    ])
    late.abort()
    return ended
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true
    await this.#leave()?.[Symbol.asyncDispose]()
  }

  #launch(failpoint: string | undefined): Promise<FleetProcess> {
    const { env = {} } = this.#options
    const armed = failpoint === undefined ? {} : { ARGOSY_FAILPOINTS: failpoint }
    return FleetProcess.start({ ...this.#options, env: { ...env, ...this.#anew(), ...armed } })
  }

  #enter(fleet: FleetProcess, isArmed: boolean): void {
    this.#fleet = fleet
    this.#open.resolve(new Shop(fleet.url))
    void fleet.exited.then(() => {
      if (this.#fleet !== fleet || this.#closed) return
      this.#leave()
      if (!isArmed) this.#recover(fleet)
    })
  }

  /** Nobody has killed it. */
  #recover(fleet: FleetProcess): void {
    this.collapses++
    this.#log(`the fleet has ended by itself:\n${fleet.log}`)
    if (this.collapses <= STARTS) this.start().catch((error) => this.#log(String(error)))
  }

  #leave(): FleetProcess | undefined {
    const fleet = this.#fleet
    if (fleet === undefined) return undefined
    this.#fleet = undefined
    this.#open = Promise.withResolvers<Shop>()
    return fleet
  }
}
