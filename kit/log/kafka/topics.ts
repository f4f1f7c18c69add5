import { Admin, type ClusterMetadata } from '@platformatic/kafka'
import { setTimeout as pause } from 'node:timers/promises'
import type { Logger } from '@kit/telemetry/telemetry'
import { calm, clientOptions, within } from './client.ts'
import { isApiError, Misfit, publicReasonIn, reasonIn } from './errors.ts'
import { unreachable } from './unreachable.ts'
import type { Address } from './url.ts'

/** How often the topics are looked at, and how long a look may take, in ms. */
const LOOK = 5_000
const PATIENCE = 15_000

export type TopicsOptions = {
  readonly address: Address
  readonly topics: readonly string[]
  /** How many partitions each has. */
  readonly partitions: number
  /** How many brokers keep each message; what the brokers hold to be right when absent. */
  readonly replicas?: number | undefined
  /** Whether those that are missing are made. */
  readonly create: boolean
  readonly log: Logger
}

/** By topic: the id that the brokers gave it when it was made. */
export type TopicIds = ReadonlyMap<string, string>

/**
 * Makes the topics that are not there, and looks after them: brokers that come back empty get them anew. A Misfit when
 * they cannot be what they must be.
 */
export class Topics implements AsyncDisposable {
  readonly #options: TopicsOptions
  #admin: Admin
  #turn = 0
  readonly #stop = new AbortController()
  #running: Promise<void> | undefined
  #ids: TopicIds = new Map()
  #complaint: string | undefined

  private constructor(options: TopicsOptions) {
    this.#options = options
    this.#admin = this.#open()
  }

  static async prepare(options: TopicsOptions): Promise<Topics> {
    const topics = new Topics(options)
    try {
      await topics.#lookTwice()
    } catch (error) {
      await topics[Symbol.asyncDispose]()
      throw error instanceof Misfit ? error : unreachable(options.address, error)
    }
    topics.#running = topics.#watch()
    return topics
  }

  get ids(): TopicIds {
    return this.#ids
  }

  readonly complaint = (): string | undefined => this.#complaint

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort()
    // First: what a broker that is hung was asked for fails at once.
    await within(1_000, 'say goodbye', this.#admin.close()).catch(() => undefined)
    await this.#running
  }

  async #watch(): Promise<void> {
    const { signal } = this.#stop
    while (!signal.aborted) {
      await pause(LOOK, undefined, { signal, ref: false }).catch(() => undefined)
      if (signal.aborted) return
      try {
        await this.#lookTwice()
        this.#complaint = undefined
      } catch (error) {
        if (signal.aborted) return
        const complaint = error instanceof Misfit ? reasonIn(error) : `Kafka: ${publicReasonIn(error)}`
        if (this.#complaint !== complaint)
          this.#options.log.warn({ error: complaint }, 'the topics are not as they must be')
        this.#complaint = complaint
      }
    }
  }

  #open(): Admin {
    return calm(new Admin({ ...clientOptions(this.#options.address, this.#turn++), retries: 2 }))
  }

  /** By way of another broker when one does not answer. */
  async #lookTwice(): Promise<void> {
    try {
      await this.#look()
    } catch (error) {
      const isAlone = this.#options.address.client.bootstrapBrokers.length === 1
      if (isAlone || error instanceof Misfit || this.#stop.signal.aborted) throw error
      void this.#admin.close().catch(() => undefined)
      this.#admin = this.#open()
      await this.#look()
    }
  }

  async #look(): Promise<void> {
    const { topics, create, log, address } = this.#options
    const { named } = address
    const before = this.#ids
    const present = new Set(await within(PATIENCE, 'list its topics', this.#admin.listTopics()))
    const missing = topics.filter((topic) => !present.has(named(topic)))
    if (missing.length > 0 && !create)
      throw new Misfit(`Kafka has no topics ${missing.join(', ')}`, 'argosy start makes them')
    if (missing.length > 0) await this.#create(missing)
    const metadata = await within(
      PATIENCE,
      'describe its topics',
      this.#admin.metadata({ topics: topics.map(named), forceUpdate: true }),
    )
    this.#check(metadata)
    const ids = new Map(topics.map((topic) => [topic, metadata.topics.get(named(topic))?.id ?? '']))
    const changed = topics.filter((topic) => before.get(topic) !== ids.get(topic))
    if (changed.length === 0) return
    this.#ids = ids
    if (before.size > 0) log.error({ topics: changed }, 'topics are new: what the brokers had kept in them is gone')
  }

  async #create(missing: readonly string[]): Promise<void> {
    const { address, partitions, replicas = -1, log } = this.#options
    try {
      await within(
        PATIENCE,
        'make topics',
        this.#admin.createTopics({
          topics: missing.map((topic) => ({ topic: address.named(topic), partitions, replicas })),
        }),
      )
      log.info({ topics: missing, partitions }, 'made topics')
    } catch (error) {
      // Another process was faster.
      if (isApiError(error, 'TOPIC_ALREADY_EXISTS')) return
      throw whyNotMade(error, missing, replicas)
    }
  }

  #check({ topics }: ClusterMetadata): void {
    const { partitions: wanted } = this.#options
    for (const [topic, { partitionsCount }] of topics) {
      if (partitionsCount !== wanted) throw otherPartitions(topic, partitionsCount, wanted)
    }
  }
}

/** Messages of a key would be looked for in a partition where they are not. */
export const otherPartitions = (topic: string, partitions: number, wanted: number): Misfit =>
  new Misfit(
    `the topic ${topic} has ${partitions} partitions, not ${wanted}`,
    `set LOG_PARTITIONS=${partitions} in all processes; to have more, docs/guide/kafka.md says how`,
  )

const whyNotMade = (error: unknown, [first = '', ...more]: readonly string[], replicas: number): unknown => {
  if (isApiError(error, 'INVALID_REPLICATION_FACTOR')) {
    return new Misfit(
      `Kafka has not brokers enough to keep ${replicas < 0 ? 'the usual number of' : replicas} replicas of a topic`,
      'start more brokers, or set LOG_REPLICAS to as many as there are',
      error,
    )
  }
  if (isApiError(error, 'TOPIC_AUTHORIZATION_FAILED') || isApiError(error, 'CLUSTER_AUTHORIZATION_FAILED')) {
    return new Misfit(
      `Kafka does not let the user of LOG_URL make or see ${first}${more.length > 0 ? ` and ${more.length} more topics` : ''}`,
      'give it the rights that docs/guide/kafka.md lists',
      error,
    )
  }
  return error
}
