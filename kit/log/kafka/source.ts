import {
  placeOf,
  type Batch,
  type Delivery,
  type Move,
  type Position,
  type Source,
  type TopicPartition,
} from '../log.ts'
import { Fetching, type FetchingOptions } from './fetching.ts'
import { NO_EPOCHS, placeAt, positionOf } from './position.ts'
import type { Reading } from './reading.ts'

/** After so many a batch is full: large transactions, but not endless ones. */
const MESSAGES_PER_BATCH = 1_000

export type SourceOptions = FetchingOptions & {
  readonly owned: () => readonly TopicPartition[]
  /** Told how far the group has come, for those who look at Kafka alone. */
  readonly passed: (place: TopicPartition, offset: bigint) => void
  readonly leave: () => void
}

/** What fetches messages ahead of their reader. */
type Ahead = Pick<Fetching, 'readings' | 'kick' | 'complaint' | typeof Symbol.asyncDispose>

/** Reads Kafka for one group, from the positions of the group's own checkpoints. */
export class KafkaSource implements Source {
  readonly owned: () => readonly TopicPartition[]
  readonly #options: SourceOptions
  readonly #fetching: Ahead
  /** By place. */
  readonly #checkpoints = new Map<string, Position>()
  /** By place: what the batch was taken from that is being handled. */
  readonly #read = new Map<string, Reading>()
  #turn = 0

  constructor(options: SourceOptions, fetching: Ahead = new Fetching(options)) {
    this.#options = options
    this.owned = options.owned
    this.#fetching = fetching
  }

  get complaint(): () => string | undefined {
    return this.#fetching.complaint
  }

  seek(at: ReadonlyMap<string, Position>): void {
    const { readings } = this.#fetching
    this.#checkpoints.clear()
    for (const place of readings.keys()) if (!at.has(place)) readings.delete(place)
    for (const owned of this.owned()) {
      const key = placeOf(owned)
      const position = at.get(key)
      if (position === undefined) continue
      this.#checkpoints.set(key, position)
      const { offset = 0n, topicId, epochs = NO_EPOCHS } = placeAt(position) ?? {}
      // What has been fetched already is not fetched again: after a failure it is mostly the same.
      if (!beginsAt(readings.get(key), offset, topicId)) {
        const { topic, partition } = owned
        readings.set(key, { topic, partition, topicId, next: offset, epochs, fetched: [] })
      }
      this.#options.passed(owned, offset)
    }
    this.#fetching.kick()
  }

  async read(places: readonly TopicPartition[]): Promise<Batch> {
    // Begins with another partition each time, so that a full batch does not always leave out the same ones.
    const turn = this.#turn++ % Math.max(1, places.length)
    const deliveries: Delivery[] = []
    const moves: Move[] = []
    let more = false
    let behind = false
    for (const place of [...places.slice(turn), ...places.slice(0, turn)]) {
      const reading = this.#fetching.readings.get(placeOf(place)) ?? never(place)
      this.#read.set(placeOf(place), reading)
      const { topicId, fetched } = reading
      const taken = fetched.slice(0, MESSAGES_PER_BATCH - deliveries.length)
      more ||= taken.length < fetched.length
      behind ||= reading.end === undefined || reading.next < reading.end
      const last = taken.at(-1)
      if (last === undefined || topicId === undefined) continue
      for (const { delivery } of taken) deliveries.push(delivery)
      const { topic, partition } = place
      const from = this.#checkpoints.get(placeOf(place)) ?? ''
      moves.push({ topic, partition, from, to: positionOf({ offset: last.offset + 1n, topicId, epochs: last.epochs }) })
    }
    return { deliveries, moves, more, behind }
  }

  passed({ moves }: Batch): void {
    for (const move of moves) {
      const place = placeOf(move)
      const { offset = 0n } = placeAt(move.to) ?? {}
      const reading = this.#fetching.readings.get(place)
      // One that has begun anew meanwhile counts its offsets anew.
      if (reading !== undefined && reading === this.#read.get(place))
        reading.fetched = reading.fetched.filter((one) => one.offset >= offset)
      this.#checkpoints.set(place, move.to)
      this.#options.passed(move, offset)
    }
    this.#fetching.kick()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#options.leave()
    await this.#fetching[Symbol.asyncDispose]()
  }
}

const beginsAt = (reading: Reading | undefined, offset: bigint, topicId: string | undefined): boolean =>
  reading !== undefined && reading.topicId === topicId && (reading.fetched[0]?.offset ?? reading.next) === offset

const never = ({ topic, partition }: TopicPartition): never => {
  throw new Error(`${topic}/${partition} is read before it was sought`)
}
