import { setTimeout as pause } from 'node:timers/promises'
import type { Logger } from '@kit/telemetry/telemetry'
import { connect, type ChannelModel } from 'amqplib'
import type { Address } from './brokers.ts'

/** How long opening a connection may take, in ms. */
const CONNECT = 5_000
/** How long to wait before the next node is tried, in ms: doubled after each failure. */
const FIRST_PAUSE = 100
const LONGEST_PAUSE = 5_000
/** How long declaring everything may take, in ms. */
const BEGIN = 20_000
/** Seconds: a connection that comes back sooner is not missed. */
const PATIENCE = 3
/** A connection that lasted as long, in ms, was a good one: after it the pauses begin anew. */
const GOOD = 10_000

/**
 * To one node. A broker that is short of memory or disk reads nothing from a connection that has published, acknowledgements
 * included: hence one for each.
 */
export type Connections = { readonly publishing: ChannelModel; readonly consuming: ChannelModel }

export type LinkOptions = {
  readonly brokers: readonly Address[]
  readonly log: Logger
  readonly random: () => number
  /** Called with every new pair. What it returns is called when one of it is lost. May call `drop` to have another pair. */
  readonly begin: (connections: Connections, drop: (why: string) => void) => Promise<() => void>
}

/** Connections to whichever node answers, and new ones, after a pause that grows, whenever one is lost. */
export class Link implements AsyncDisposable {
  readonly #options: LinkOptions
  readonly #stop = new AbortController()
  #running: Promise<void> | undefined
  #drop: (why: string) => void = () => undefined
  #next: number
  #state: { readonly since: number; readonly up: boolean; readonly why?: string } = {
    since: performance.now(),
    up: false,
  }

  constructor(options: LinkOptions) {
    this.#options = options
    // Not every process at the same node.
    this.#next = Math.floor(options.random() * options.brokers.length)
  }

  get isUp(): boolean {
    return this.#state.up
  }

  /** Why there has been no connection for a while, without names of hosts; undefined while there is one. */
  complaint(): string | undefined {
    const { since, up, why } = this.#state
    const seconds = (performance.now() - since) / 1000
    if (up || seconds < PATIENCE) return undefined
    return `no connection to RabbitMQ for ${Math.round(seconds)} s${why === undefined ? '' : ` (${why})`}`
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
      let code: string | undefined
      const reason = await this.#connected(broker).catch((error: unknown) => {
        code = codeIn(error)
        return String(error)
      })
      this.#lost(code)
      if (this.#stop.signal.aborted) return
      if (performance.now() - since > GOOD) failures = 0
      const most = Math.min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** failures++)
      const node = `${broker.hostname}:${broker.port}`
      log.warn({ node, reason }, 'no connection to the message broker; trying again')
      await pause(most * (0.5 + random() / 2), undefined, { signal: this.#stop.signal }).catch(() => undefined)
    }
  }

  #lost(code: string | undefined): void {
    const { up, since, why } = this.#state
    const known = code ?? why
    this.#state = { since: up ? performance.now() : since, up: false, ...(known !== undefined && { why: known }) }
  }

  /** Until a connection is lost; returns why. */
  async #connected(broker: Address): Promise<string> {
    const { promise: lost, resolve } = Promise.withResolvers<string>()
    const opened: ChannelModel[] = []
    const open = async (): Promise<ChannelModel> => {
      const connection = await connect(broker, { timeout: CONNECT, noDelay: true })
      opened.push(connection)
      connection.on('error', (error) => resolve(String(error)))
      connection.on('close', () => resolve('the connection was closed'))
      return connection
    }
    let end = (): void => undefined
    try {
      const connections = { publishing: await open(), consuming: await open() }
      this.#drop = resolve
      if (this.#stop.signal.aborted) resolve('closed')
      const late = setTimeout(() => resolve('the broker does not answer'), BEGIN)
      const begun = this.#options.begin(connections, resolve).finally(() => clearTimeout(late))
      const failed = await Promise.race([begun.then(() => undefined), lost])
      if (failed !== undefined) {
        void begun.then((tooLate) => tooLate()).catch(() => undefined)
        return failed
      }
      end = await begun
      this.#state = { since: performance.now(), up: true }
      this.#options.log.info({ node: `${broker.hostname}:${broker.port}` }, 'connected to the message broker')
      return await lost
    } finally {
      // At once: saying goodbye to a node that is gone takes its time.
      this.#lost(undefined)
      end()
      await Promise.all(opened.map(closed))
    }
  }
}

/** The code of an error, which names no host. */
const codeIn = (error: unknown): string | undefined => {
  const { code }: { code?: unknown } = Object(error)
  return typeof code === 'string' ? code : undefined
}

/** What was written is sent first. A node that does not answer is left. */
const closed = async (connection: ChannelModel): Promise<void> => {
  const patience = new AbortController()
  const tooLong = pause(2_000, undefined, { signal: patience.signal }).catch(() => undefined)
  await Promise.race([connection.close().catch(() => undefined), tooLong])
  patience.abort()
  const { stream } = connection.connection as { readonly stream?: { readonly destroy?: (why: Error) => void } }
  // Without a reason the driver would not notice, and go on sending heartbeats.
  stream?.destroy?.(new Error('left'))
}
