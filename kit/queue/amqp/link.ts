import { setTimeout as pause } from 'node:timers/promises'
import type { Logger } from '@kit/telemetry/telemetry'
import { connect, type ChannelModel } from 'amqplib'
import type { Address } from './brokers.ts'

/** ms. */
const CONNECT = 5_000
const FIRST_PAUSE = 100
const LONGEST_PAUSE = 5_000
/** What is declared must be there within. */
const BEGIN = 20_000
/** A connection that lasted as long was a good one: after it the pauses begin anew. */
const GOOD = 10_000

export type LinkOptions = {
  readonly brokers: readonly Address[]
  readonly log: Logger
  readonly random: () => number
  /** Called with every new connection. What it returns is called when that is lost. May call `drop` to have another one. */
  readonly begin: (connection: ChannelModel, drop: (why: string) => void) => Promise<() => void>
}

/** One connection to whichever node answers, and a new one, after a pause that grows, whenever it is lost. */
export class Link implements AsyncDisposable {
  readonly #options: LinkOptions
  readonly #stop = new AbortController()
  #running: Promise<void> | undefined
  #drop: (why: string) => void = () => undefined
  #next: number

  constructor(options: LinkOptions) {
    this.#options = options
    // Not every process at the same node.
    this.#next = Math.floor(options.random() * options.brokers.length)
  }

  start(): void {
    this.#running ??= this.#run()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort()
    this.#drop('closed')
    await this.#running
  }

  async #run(): Promise<void> {
    const { log, random, brokers } = this.#options
    let failures = 0
    while (!this.#stop.signal.aborted) {
      const broker = brokers[this.#next++ % brokers.length]
      if (broker === undefined) return
      const since = performance.now()
      const reason = await this.#connected(broker).catch(String)
      if (this.#stop.signal.aborted) return
      if (performance.now() - since > GOOD) failures = 0
      const most = Math.min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** failures++)
      const node = `${broker.hostname}:${broker.port}`
      log.warn({ node, reason }, 'no connection to the message broker; trying again')
      await pause(most * (0.5 + random() / 2), undefined, { signal: this.#stop.signal }).catch(() => undefined)
    }
  }

  /** Until the connection is lost; returns why. */
  async #connected(broker: Address): Promise<string> {
    const connection = await opened(broker)
    const { promise: lost, resolve } = Promise.withResolvers<string>()
    connection.on('error', (error) => resolve(String(error)))
    connection.on('close', () => resolve('the connection was closed'))
    this.#drop = resolve
    if (this.#stop.signal.aborted) resolve('closed')
    let end = (): void => undefined
    try {
      const late = setTimeout(() => resolve('the broker does not answer'), BEGIN)
      const begun = this.#options.begin(connection, resolve).finally(() => clearTimeout(late))
      const failed = await Promise.race([begun.then(() => undefined), lost])
      if (failed !== undefined) {
        void begun.then((tooLate) => tooLate()).catch(() => undefined)
        return failed
      }
      end = await begun
      this.#options.log.info({ node: `${broker.hostname}:${broker.port}` }, 'connected to the message broker')
      return await lost
    } finally {
      end()
      await closed(connection)
    }
  }
}

/** The driver's own patience ends with the connection of the sockets; a node that stands still accepts those too. */
const opened = async (broker: Address): Promise<ChannelModel> => {
  const opening = connect(broker, { timeout: CONNECT, noDelay: true })
  const patience = new AbortController()
  const late = pause(2 * CONNECT, 'late' as const, { signal: patience.signal }).catch(() => 'late' as const)
  const connection = await Promise.race([opening, late])
  patience.abort()
  if (connection !== 'late') return connection
  void opening.then((tooLate) => tooLate.close()).catch(() => undefined)
  throw new Error('it accepts connections and does not answer')
}

/** What was written is sent first. A node that does not answer is left. */
const closed = async (connection: ChannelModel): Promise<void> => {
  const patience = new AbortController()
  const tooLong = pause(2_000, undefined, { signal: patience.signal }).catch(() => undefined)
  await Promise.race([connection.close().catch(() => undefined), tooLong])
  patience.abort()
  const { stream } = connection.connection as { readonly stream?: { readonly destroy?: () => void } }
  stream?.destroy?.()
}
