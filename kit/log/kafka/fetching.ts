import { Consumer, type ClusterMetadata } from '@platformatic/kafka'
import { setTimeout as pause } from 'node:timers/promises'
import type { Logger } from '@kit/telemetry/telemetry'
import { placeOf } from '../log.ts'
import { calm, clientOptions, within } from './client.ts'
import { append, type Reading } from './reading.ts'
import { Troubles } from './troubles.ts'
import type { Address } from './url.ts'

/** How long a broker waits for the first message to come, in ms. */
const WAIT = 500
/** How long an answer may take in all, and what is rested after a failure, in ms. */
const PATIENCE = 10_000
const REST = 300
/** Who leads what is asked after each failure, and else so seldom, in ms: a hung broker may be asked, and nothing read meanwhile. */
const MAX_AGE = 60_000
/** So many further brokers are asked who leads what, one after the other. */
const OTHERS = 2
/** Messages of a partition that wait here; beyond, no more are asked for. */
const ROOM = 2_000
const BYTES_PER_PARTITION = 256 * 1024
const BYTES = 4 * 1024 * 1024
/** Instead of a broker: partitions that none leads, and what is asked of any of them. */
const NONE = -1
const ANY = -2

const OFFSET_OUT_OF_RANGE = 1
const EARLIEST = -2n

type FetchResponse = Awaited<ReturnType<Consumer['fetch']>>

export type FetchingOptions = {
  readonly address: Address
  readonly group: string
  readonly topics: readonly string[]
  /** Called when something has come. */
  readonly arrived: () => void
  readonly log: Logger
}

/**
 * Fetches messages of the partitions that are read, ahead of their reader and from all brokers at once: one that hangs holds up
 * its own only.
 */
export class Fetching implements AsyncDisposable {
  /** By place. */
  readonly readings = new Map<string, Reading>()
  readonly #options: FetchingOptions
  readonly #consumer: Consumer
  /** As they are called there. */
  readonly #topics: string[]
  readonly #running: Promise<void>
  readonly #asked = new Set<number>()
  readonly #stop = new AbortController()
  #kick: (() => void) | undefined
  #kicked = false
  #stale = false
  readonly #troubles: Troubles

  constructor(options: FetchingOptions) {
    const { named } = options.address
    this.#options = options
    this.#consumer = calm(
      new Consumer({
        ...clientOptions(options.address),
        groupId: named(options.group),
        retries: 0,
        metadataMaxAge: MAX_AGE,
      }),
    )
    this.#troubles = new Troubles(options.group, options.log)
    this.#topics = options.topics.map(named)
    this.#consumer.topics.trackAll(...this.#topics)
    this.#running = this.#run()
  }

  /** Other partitions are read, or there is room again. */
  kick(): void {
    this.#kicked = true
    this.#kick?.()
  }

  get complaint(): () => string | undefined {
    return this.#troubles.complaint
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort()
    this.kick()
    // First: what a broker that is hung was asked for fails at once.
    await within(1_000, 'say goodbye', this.#consumer.close(true)).catch(() => undefined)
    await this.#running
  }

  async #run(): Promise<void> {
    const { signal } = this.#stop
    while (!signal.aborted) {
      this.#kicked = false
      try {
        const wanted = [...this.readings.values()].filter(({ fetched }) => fetched.length < ROOM)
        if (wanted.length > 0) this.#askAll(wanted, await this.#metadata())
        else this.#troubles.keepOnly(() => false)
        await this.#nextKick()
      } catch (error) {
        await this.#failed(error, ANY)
      }
    }
  }

  async #metadata(): Promise<ClusterMetadata> {
    const forceUpdate = this.#stale
    this.#stale = false
    const topics = this.#topics
    return within(PATIENCE, 'describe its topics', this.#consumer.metadata({ topics, forceUpdate, retries: OTHERS }))
  }

  #askAll(known: readonly Reading[], metadata: ClusterMetadata): void {
    const { named } = this.#options.address
    const wanted = known.map((reading) => this.#identified(reading, metadata))
    const leaderOf = ({ topic, partition }: Reading): number =>
      metadata.topics.get(named(topic))?.partitions[partition]?.leader ?? NONE
    const byLeader = Map.groupBy(wanted, leaderOf)
    this.#troubles.keepOnly((leader) => byLeader.has(leader))
    for (const [leader, readings] of byLeader) {
      if (leader === NONE) this.#note(new Error('no broker leads some of the partitions'), NONE)
      else if (!this.#asked.has(leader)) void this.#ask(leader, readings)
    }
  }

  /** A topic that was made anew is read from its beginning. */
  #identified(reading: Reading, { topics }: ClusterMetadata): Reading {
    const id = topics.get(this.#options.address.named(reading.topic))?.id
    if (id === undefined || id === reading.topicId) return reading
    if (reading.topicId === undefined) {
      reading.topicId = id
      return reading
    }
    const { group, log } = this.#options
    log.error(
      { group, place: placeOf(reading) },
      'the topic is another one than was read so far; it is read from its beginning',
    )
    return this.#beginAnew(reading, 0n, id)
  }

  /** As another reading: what is under way with the one before says nothing of it. */
  #beginAnew(reading: Reading, next: bigint, topicId: string | undefined): Reading {
    const { topic, partition, epochs } = reading
    const anew = { topic, partition, topicId, next, epochs, fetched: [] }
    if (this.readings.get(placeOf(reading)) === reading) this.readings.set(placeOf(reading), anew)
    return anew
  }

  async #ask(leader: number, readings: readonly Reading[]): Promise<void> {
    this.#asked.add(leader)
    try {
      const answer = await within(PATIENCE, 'answer', this.#fetch(leader, readings))
      this.#troubles.clear(leader)
      if (this.#take(answer, readings)) this.#options.arrived()
    } catch (error) {
      this.#stale = true
      await this.#salvage(Object(error).response ?? {}, readings).catch(() => undefined)
      await this.#failed(error, leader)
    } finally {
      this.#asked.delete(leader)
      this.kick()
    }
  }

  #fetch(node: number, readings: readonly Reading[]): Promise<FetchResponse> {
    const byTopic = Map.groupBy(readings, ({ topicId }) => topicId ?? '')
    return this.#consumer.fetch({
      node,
      maxWaitTime: WAIT,
      minBytes: 1,
      maxBytes: BYTES,
      topics: [...byTopic].map(([topicId, of]) => ({
        topicId,
        partitions: of.map(({ partition, next }) => ({
          partition,
          fetchOffset: next,
          partitionMaxBytes: BYTES_PER_PARTITION,
          currentLeaderEpoch: -1,
          lastFetchedEpoch: -1,
        })),
      })),
    })
  }

  /** Whether something has come. What was sought elsewhere meanwhile is left alone. */
  #take({ responses = [] }: Partial<FetchResponse>, readings: readonly Reading[]): boolean {
    let some = false
    for (const { topicId, partitions } of responses) {
      for (const { partitionIndex, errorCode, records, highWatermark } of partitions) {
        const reading = readings.find((one) => one.topicId === topicId && one.partition === partitionIndex)
        if (reading === undefined || this.readings.get(placeOf(reading)) !== reading) continue
        for (const batch of records ?? []) some = append(reading, batch) || some
        if (errorCode === 0) reading.end = highWatermark
      }
    }
    return some
  }

  /** An answer that is an error for one partition has messages of the others. */
  async #salvage(answer: Partial<FetchResponse>, readings: readonly Reading[]): Promise<void> {
    if (this.#take(answer, readings)) this.#options.arrived()
    await this.#findStart(answer, readings)
  }

  /** Messages that the brokers do not have any more, or have lost: reads on from the oldest that they have. */
  async #findStart({ responses = [] }: Partial<FetchResponse>, readings: readonly Reading[]): Promise<void> {
    for (const { topicId, partitions } of responses) {
      for (const { partitionIndex, errorCode } of partitions) {
        const reading = readings.find((one) => one.topicId === topicId && one.partition === partitionIndex)
        if (errorCode !== OFFSET_OUT_OF_RANGE || reading === undefined) continue
        const { partition } = reading
        const topic = this.#options.address.named(reading.topic)
        const found = await within(
          PATIENCE,
          'tell its oldest message',
          this.#consumer.listOffsets({ topics: [topic], partitions: { [topic]: [partition] }, timestamp: EARLIEST }),
        )
        const oldest = found.get(topic)?.[partition]
        if (oldest === undefined || oldest < 0n) continue
        const { group, log } = this.#options
        if (reading.next > 0n)
          log.error(
            { group, place: placeOf(reading), sought: Number(reading.next), oldest: Number(oldest) },
            'the brokers do not have what is to be read; it is read on from the oldest message that they have',
          )
        this.#beginAnew(reading, oldest, topicId)
      }
    }
  }

  async #failed(cause: unknown, broker: number): Promise<void> {
    if (this.#stop.signal.aborted) return
    this.#note(cause, broker)
    await pause(REST, undefined, { signal: this.#stop.signal }).catch(() => undefined)
  }

  #note(cause: unknown, broker: number): void {
    this.#stale = true
    this.#troubles.note(cause, broker)
  }

  /** Until something changes; looks again by itself, for leaders change without a word. */
  #nextKick(): Promise<void> {
    if (this.#kicked || this.#stop.signal.aborted) return Promise.resolve()
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, WAIT)
      this.#kick = () => {
        clearTimeout(timer)
        resolve()
      }
    })
  }
}
