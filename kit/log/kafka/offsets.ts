import { Admin, Consumer } from '@platformatic/kafka'
import { setTimeout as pause } from 'node:timers/promises'
import type { Platform } from '@kit/platform/platform'
import type { Logger } from '@kit/telemetry/telemetry'
import { placeOf, type Lag, type Position, type TopicPartition } from '../log.ts'
import { calm, clientOptions, within } from './client.ts'
import { isApiError, reasonIn } from './errors.ts'
import { placeAt } from './position.ts'
import type { Address } from './url.ts'

/** How often offsets are told to Kafka, and how long a call may take, in ms. */
const TELL = 1_000
/** How often at least after failures, in ms: whoever may not tell them is not let in more easily by asking often. */
const TELL_AGAIN = 60_000
const PATIENCE = 3_000
const LATEST = -1n
const EARLIEST = -2n

/** A group's checkpoint. */
export type Read = TopicPartition & { readonly group: string; readonly position: Position }

type Told = TopicPartition & { readonly offset: bigint }

/**
 * Tells Kafka how far groups have come, and how far they are behind. Nobody reads by it: the checkpoints are in the groups' own
 * databases. So every Kafka tool shows the lag, of groups without members.
 */
export class Offsets implements AsyncDisposable {
  readonly #log: Logger
  readonly #clock: Platform['clock']
  readonly #named: Address['named']
  readonly #address: Address
  #admin: Admin
  #turn = 0
  #consumer: Consumer
  readonly #stop = new AbortController()
  readonly #running: Promise<void>
  /** By group and place: what has not been told. */
  readonly #untold = new Map<string, Map<string, Told>>()

  constructor(address: Address, clock: Platform['clock'], log: Logger) {
    this.#clock = clock
    this.#log = log
    this.#named = address.named
    this.#address = address
    this.#admin = this.#openAdmin()
    this.#consumer = this.#openConsumer()
    this.#running = this.#run()
  }

  passed(group: string, place: TopicPartition, offset: bigint): void {
    const untold = this.#untold.get(group) ?? new Map<string, Told>()
    untold.set(placeOf(place), { topic: place.topic, partition: place.partition, offset })
    this.#untold.set(group, untold)
  }

  /** How far groups are behind that have read so far. */
  async lag(read: readonly Read[]): Promise<readonly Lag[]> {
    const [oldest, ends] = await Promise.all([this.#ends(read, EARLIEST), this.#ends(read, LATEST)])
    const lags: Lag[] = []
    const until = performance.now() + PATIENCE
    // One after the other: answers to one client at the same time would cost it its session with the broker.
    const times = new Map<string, number | undefined>()
    for (const [group, places] of Map.groupBy(read, (one) => one.group)) {
      let messages = 0
      let writtenAt = Infinity
      for (const { topic, partition, position } of places) {
        const place = `${this.#named(topic)}/${partition}`
        const offset = later(placeAt(position)?.offset ?? 0n, oldest.get(place) ?? 0n)
        const unread = (ends.get(place) ?? 0n) - offset
        if (unread <= 0n) continue
        messages += Number(unread)
        const key = `${place}/${offset}`
        if (!times.has(key) && performance.now() < until)
          times.set(key, await this.#writtenAt({ topic, partition, offset }))
        writtenAt = Math.min(writtenAt, times.get(key) ?? Infinity)
      }
      const age = (this.#clock.now().getTime() - writtenAt) / 1000
      lags.push({ group, messages, seconds: Number.isFinite(writtenAt) ? Math.max(0, age) : 0 })
    }
    return lags
  }

  /** What Kafka has been told of a group is gone. */
  async forget(group: string): Promise<void> {
    this.#untold.delete(group)
    try {
      await within(PATIENCE, `forget ${group}`, this.#admin.deleteGroups({ groups: [this.#named(group)] }))
    } catch (error) {
      // It has never been told of it.
      if (!isApiError(error, 'GROUP_ID_NOT_FOUND')) throw error
    }
  }

  /** Those of the partitions' topics whose oldest messages the brokers do not keep any more. */
  async withoutBeginning(partitions: readonly TopicPartition[]): Promise<readonly string[]> {
    const oldest = await this.#ends(partitions, EARLIEST)
    const gone = partitions.filter(
      ({ topic, partition }) => (oldest.get(`${this.#named(topic)}/${partition}`) ?? 0n) > 0n,
    )
    return [...new Set(gone.map(({ topic }) => topic))]
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort()
    await this.#running
    const closing = Promise.all([this.#admin.close(), this.#consumer.close(true)])
    await within(1_000, 'say goodbye', closing).catch(() => undefined)
  }

  #openAdmin(): Admin {
    return calm(new Admin({ ...clientOptions(this.#address, this.#turn++), retries: 0 }))
  }

  #openConsumer(): Consumer {
    const { named } = this.#address
    return calm(new Consumer({ ...clientOptions(this.#address, this.#turn), groupId: named('lag'), retries: 0 }))
  }

  /** By way of other brokers from now on. */
  #renew(): void {
    void Promise.allSettled([this.#admin.close(), this.#consumer.close(true)])
    this.#admin = this.#openAdmin()
    this.#consumer = this.#openConsumer()
  }

  async #run(): Promise<void> {
    const { signal } = this.#stop
    let failures = 0
    while (!signal.aborted) {
      const rest = Math.min(TELL * 2 ** failures, TELL_AGAIN)
      await pause(rest, undefined, { signal, ref: false }).catch(() => undefined)
      failures = (await this.#tell()) ? 0 : failures + 1
    }
  }

  /** Whether all is told. */
  async #tell(): Promise<boolean> {
    for (const [groupId, untold] of this.#untold) {
      this.#untold.delete(groupId)
      const topics = [...Map.groupBy(untold.values(), ({ topic }) => topic)].map(([topic, places]) => ({
        name: this.#named(topic),
        partitionOffsets: places.map(({ partition, offset }) => ({ partition, offset })),
      }))
      try {
        await within(
          PATIENCE,
          'take offsets',
          this.#admin.alterConsumerGroupOffsets({ groupId: this.#named(groupId), topics }),
        )
      } catch (error) {
        this.#renew()
        this.#log.debug({ group: groupId, error: reasonIn(error) }, 'offsets were not told')
        for (const [place, told] of untold) {
          const newer = this.#untold.get(groupId)
          if (newer?.has(place) !== true) this.passed(groupId, told, told.offset)
        }
        return false
      }
    }
    return true
  }

  /** The offsets of the oldest messages, or those behind the newest. */
  async #ends(places: readonly TopicPartition[], timestamp: bigint): Promise<ReadonlyMap<string, bigint>> {
    if (places.length === 0) return new Map()
    const topics = [...Map.groupBy(places, ({ topic }) => topic)].map(([topic, of]) => ({
      name: this.#named(topic),
      partitions: [...new Set(of.map(({ partition }) => partition))].map((partitionIndex) => ({
        partitionIndex,
        timestamp,
      })),
    }))
    // The consumer's own call takes what it believes of the topics from what others ask of it meanwhile: one that is missing there
    // would end the process.
    const found = await within(PATIENCE, 'tell the ends of topics', this.#admin.listOffsets({ topics }))
    return new Map(
      found.flatMap(({ name, partitions }) =>
        partitions.map(({ partitionIndex, offset }) => [`${name}/${partitionIndex}`, offset] as const),
      ),
    )
  }

  /** When the message at an offset was written, in ms of the Unix epoch. */
  async #writtenAt({ partition, offset, ...told }: Told): Promise<number | undefined> {
    const topic = this.#named(told.topic)
    try {
      const { topics } = await within(PATIENCE, 'describe a topic', this.#consumer.metadata({ topics: [topic] }))
      const known = topics.get(topic)
      const node = known?.partitions[partition]?.leader
      if (known === undefined || node === undefined) return undefined
      if (!this.#consumer.topics.has(topic)) this.#consumer.topics.track(topic)
      const asked = {
        partition,
        fetchOffset: offset,
        partitionMaxBytes: 1,
        currentLeaderEpoch: -1,
        lastFetchedEpoch: -1,
      }
      const { responses } = await within(
        PATIENCE,
        'answer',
        this.#consumer.fetch({
          node,
          maxWaitTime: 100,
          minBytes: 1,
          maxBytes: 1,
          topics: [{ topicId: known.id, partitions: [asked] }],
        }),
      )
      for (const batch of responses[0]?.partitions[0]?.records ?? []) {
        for (const { offsetDelta, timestampDelta } of batch.records) {
          if (batch.firstOffset + BigInt(offsetDelta) >= offset) return Number(batch.firstTimestamp + timestampDelta)
        }
      }
      return undefined
    } catch {
      return undefined
    }
  }
}

const later = (one: bigint, other: bigint): bigint => (one > other ? one : other)
