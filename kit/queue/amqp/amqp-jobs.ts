import type { Broker, Jobs } from '@kit/jobs/jobs'
import { SUSPECT, UNFINISHED, type LeasedJob } from '@kit/jobs/lease'
import type { RunnerOptions } from '@kit/jobs/runner-options'
import { DEADLY, Executor } from '@kit/jobs/executor'
import type { Recorded } from '@kit/jobs/unrecorded'
import { Loop, type Found } from '@kit/pace/loop'
import { sql } from '@kit/postgres/statement'
import type { Logger } from '@kit/telemetry/telemetry'
import type { Address } from './brokers.ts'
import { Link, type Connections } from './link.ts'
import { Relay } from './relay.ts'
import { Session, type Delivery, type JobMessage } from './session.ts'
import { lacksQueues } from './topology.ts'

export type AmqpOptions = {
  /** The first part of all names at the broker; argosy when absent. */
  readonly prefix?: string
}

const loadJobs = sql<LeasedJob>(import.meta.url, 'load-jobs.sql')
const reconsider = sql<{ readonly id: string; readonly dead: boolean }>(import.meta.url, 'reconsider.sql')
const renew = sql(import.meta.url, 'renew-publications.sql')

/**
 * How long a job is left with the broker, in ms, before it is given again unless it has ended or is held by a worker: the broker has
 * lost it, or it waits there in a long queue, hence twice as long each time.
 */
export const REPUBLISH_AFTER = 60_000

/** A job that the broker gives up is dead when so many of its tries have begun and are not recorded. */
const GIVE_UP_AT = UNFINISHED - SUSPECT - 1
const IS_DEAD = 'a job became a dead letter'
const IS_GIVEN_AGAIN = 'a job that the broker has given up is given to it once more'

/**
 * Does a service's jobs by way of RabbitMQ. The table stays the record: a message only names a job and its try, and is acknowledged
 * when the database knows how the try has ended. So what the broker loses or repeats changes nothing.
 */
export class AmqpJobs implements Jobs {
  readonly lease: number
  readonly #options: RunnerOptions
  readonly #log: Logger
  readonly #prefix: string
  readonly #executor: Executor
  readonly #link: Link
  readonly #relay: Relay
  readonly #loads: Loop
  readonly #reviews: Loop
  #arrived: Delivery[] = []
  #givenUp: Delivery[] = []
  /** What to acknowledge when a job has ended: a message may come twice. */
  readonly #deliveries = new Map<string, Delivery[]>()
  #closing = false

  constructor(brokers: readonly Address[], options: RunnerOptions, { prefix = 'argosy' }: AmqpOptions = {}) {
    this.#options = options
    this.#prefix = prefix
    this.lease = options.times?.lease ?? REPUBLISH_AFTER
    this.#executor = new Executor(options, { renew, lease: this.lease }, (recorded) => this.#recorded(recorded))
    const types = [...this.#executor.workers.keys()]
    this.#log = options.telemetry.log.child({ jobs: types.join() })
    this.#loads = new Loop(() => this.#load(), this.#log)
    this.#reviews = new Loop(() => this.#reconsider(), this.#log)
    this.#relay = new Relay({
      db: options.db,
      types,
      republishAfter: this.lease,
      platform: options.platform,
      log: this.#log,
    })
    this.#link = new Link({
      brokers,
      log: this.#log,
      random: options.platform.random,
      begin: (connections, drop) => this.#begin(connections, drop),
    })
  }

  /** Undefined for a service that has no jobs: it has no connection. */
  get broker(): Broker | undefined {
    if (this.#executor.workers.size === 0) return undefined
    return { name: 'rabbitmq', isUp: () => this.#link.isUp, complaint: () => this.#link.complaint() }
  }

  start(): void {
    if (this.#executor.workers.size === 0) return
    for (const part of [this.#executor, this.#loads, this.#reviews, this.#relay, this.#link]) part.start()
  }

  /** Every job goes by the broker: so all processes of the service share them evenly. */
  hasRoomFor(): boolean {
    return false
  }

  take(): void {
    throw new Error('a job was handed over to a worker that gets its jobs from the broker')
  }

  wake(): void {
    this.#relay.wake()
  }

  /** Takes nothing new and waits for what is in the air; what has not begun the broker gives to others. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing = true
    await this.#relay[Symbol.asyncDispose]()
    await this.#loads[Symbol.asyncDispose]()
    await this.#reviews[Symbol.asyncDispose]()
    try {
      await this.#executor.close(() => undefined)
    } finally {
      await this.#link[Symbol.asyncDispose]()
    }
  }

  async #begin(connections: Connections, drop: (why: string) => void): Promise<() => void> {
    const types = [...this.#executor.workers.keys()]
    // Before they are declared: should the database be away as well, the next connection finds them lacking still.
    if (await lacksQueues(connections.consuming, this.#prefix, types)) await this.#relay.republish()
    const session = await Session.open(connections, {
      prefix: this.#prefix,
      // As many waiting as in the air, so that nobody is idle while ends are recorded.
      prefetch: new Map([...this.#executor.workers].map(([type, { concurrency }]) => [type, 2 * concurrency])),
      work: (delivery) => this.#receive(delivery),
      dead: (delivery) => {
        this.#givenUp.push(delivery)
        this.#reviews.wake()
      },
      drop,
    })
    await session.consume()
    this.#relay.use(session)
    return () => {
      session.end()
      this.#relay.use(undefined)
    }
  }

  #receive(delivery: Delivery): void {
    if (this.#closing) return
    const { message } = delivery
    if (message === undefined) return this.#drop(delivery)
    // Repeated while it is being done here: acknowledged together.
    if (this.#executor.attemptOf(message.id) === message.attempt)
      return void this.#deliveries.get(message.id)?.push(delivery)
    this.#arrived.push(delivery)
    this.#loads.wake()
  }

  async #load(): Promise<Found> {
    // The message of a further try waits until this process has recorded the one before.
    const isHeld = ({ message }: Delivery): boolean =>
      message !== undefined && this.#executor.attemptOf(message.id) !== undefined
    const batch = this.#arrived.filter((delivery) => !isHeld(delivery))
    if (batch.length === 0 || this.#closing) return 'idle'
    this.#arrived = this.#arrived.filter(isHeld)
    try {
      const jobs = await this.#options.db.query(loadJobs, columns(batch))
      const current = new Map(jobs.map((job) => [`${job.id}/${job.attempt}`, job]))
      for (const delivery of batch) this.#perform(delivery, current)
    } catch (error) {
      this.#arrived = [...batch, ...this.#arrived]
      throw error
    }
    return 'handled'
  }

  #perform(delivery: Delivery, current: ReadonlyMap<string, LeasedJob>): void {
    const job = current.get(`${delivery.message?.id}/${delivery.message?.attempt}`)
    // Done, dead, or published anew since: this message has nothing more to say.
    if (job === undefined) return delivery.ack()
    this.#deliveries.set(job.id, [...(this.#deliveries.get(job.id) ?? []), delivery])
    // The broker counts all that a killed process had been given, the table what had begun: only that can have killed it.
    const redelivered = delivery.times > SUSPECT || job.unfinished > 0
    this.#executor.take([{ ...job, unfinished: job.unfinished + 1, redelivered }])
  }

  #recorded({ ended, next }: Recorded): void {
    this.#options.platform.failpoint('delivery.before-ack')
    for (const { job } of ended) {
      for (const delivery of this.#deliveries.get(job.id) ?? []) delivery.ack()
      this.#deliveries.delete(job.id)
    }
    if (next !== undefined) this.#relay.wake()
    if (this.#arrived.length > 0) this.#loads.wake()
  }

  /** What the broker has given up is given to it once more, unless its own tries have begun in vain too often: then it is dead. */
  async #reconsider(): Promise<Found> {
    const batch = this.#givenUp
    if (batch.length === 0) return 'idle'
    this.#givenUp = []
    try {
      const given = await this.#options.db.query(reconsider, [...columns(batch), GIVE_UP_AT, DEADLY])
      for (const { id, dead } of given)
        this.#log[dead ? 'error' : 'warn']({ job_id: id }, dead ? IS_DEAD : IS_GIVEN_AGAIN)
    } catch (error) {
      this.#givenUp = [...batch, ...this.#givenUp]
      throw error
    }
    for (const delivery of batch) delivery.ack()
    this.#relay.wake()
    return 'handled'
  }

  #drop(delivery: Delivery): void {
    this.#log.error({}, 'a message that names no job was dropped: somebody else writes to this queue')
    delivery.ack()
  }
}

const columns = (deliveries: readonly Delivery[]): readonly [string[], number[]] => {
  const messages = deliveries.flatMap(({ message }): readonly JobMessage[] => (message === undefined ? [] : [message]))
  return [messages.map(({ id }) => id), messages.map(({ attempt }) => attempt)]
}
