import { placeOf, type Batch, type Log, type Position, type Source, type TopicPartition } from '@kit/log/log'
import { Loop, type Found } from '@kit/pace/loop'
import type { Platform } from '@kit/platform/platform'
import type { Database, Tx } from '@kit/postgres/queryable'
import type { Telemetry } from '@kit/telemetry/telemetry'
import { freeOf, loadPositions } from '@kit/log/checkpoints'
import type { Consumer } from './consumer.ts'
import { parkedKeys } from './dead-letters/letters.ts'
import { handleRead, type Reading } from './handle-read.ts'
import type { Send } from './outgoing.ts'
import { Replays } from './dead-letters/replay.ts'
import { sortOut, type Knowing } from './sort-out.ts'
import { Progress } from './progress.ts'
import type { Enqueue } from './send.ts'
import { apart, type Together } from './together/together.ts'

export type ReaderOptions = {
  /** Also the name of the service. */
  readonly group: string
  readonly consumers: readonly Consumer[]
  readonly db: Database
  readonly send: Send
  /** How job requests are written that others' messages lead to here. */
  readonly enqueue?: Enqueue | undefined
  /** With whom messages are handled in one transaction; through the log alone when absent. */
  readonly together?: Together | undefined
  readonly log: Log
  readonly platform: Platform
  readonly telemetry: Telemetry
  /** Ms between two batches at least; 0 unless given. */
  readonly rest?: number | undefined
  /** Told of topics that the group begins to read and whose beginning is gone, in the transaction that registers it. */
  readonly missed?: (tx: Tx, topics: readonly string[]) => void
}

/** After so many messages at once more will follow at once. */
const CROWD = 10
/** A commit wakes its readers; whatever was not heard is seen after so many ms. */
const POLL = 2_000

/**
 * Reads the log for one group: whatever waits, up to a limit, is handled in one transaction that also moves the group's
 * checkpoints. Delivery may repeat; effects do not.
 */
export class Reader implements AsyncDisposable {
  readonly #options: ReaderOptions
  readonly #topics: readonly string[]
  readonly #reading: Reading
  readonly #replays: Replays
  readonly #loop: Loop
  readonly #progress: Progress
  readonly #batchSize
  #source: Source | undefined
  /** The checkpoints of the partitions that are read, by place; empty when they have to be loaded. */
  #positions = new Map<string, Position>()
  #parked: ReadonlySet<string> = new Set()
  /** After a failure: somebody may have locked some of the checkpoints, and may not give them back. */
  #mayBeLocked = false
  /** All has been read that was there when the checkpoints were loaded. */
  #isUpToDate = false
  readonly #leave: AsyncDisposable | undefined

  constructor(options: ReaderOptions) {
    const { group, consumers, db, send, platform, telemetry, rest, together, enqueue = noJobs } = options
    this.#options = options
    const consumerOf = byType(consumers)
    this.#topics = [...new Set(consumers.flatMap(({ types }) => types.map(({ topic }) => topic)))].sort()
    const typeOf: Knowing['typeOf'] = (name) => consumerOf.get(name)?.types.find(({ type }) => type === name)
    const { log } = telemetry
    const handling = { consumerOf: (type: string) => consumerOf.get(type), send, platform, log }
    const origin = { group, db, enqueue, send }
    const commit = together?.commitFor(origin) ?? apart(origin)
    this.#reading = { db, commit, platform, log, handling, knowing: { group, typeOf } }
    this.#leave = together?.join({
      group,
      reads: (topic) => this.#topics.includes(topic),
      types: [...consumerOf.keys()],
      typeOf,
      consumerOf: handling.consumerOf,
      enqueue,
      log,
      owns: (topic, partition) => this.#positions.has(placeOf({ topic, partition })),
      takes: (topic, partition, key) => this.#takes(topic, partition, key),
    })
    this.#replays = new Replays(this.#reading, [...consumerOf.keys()])
    this.#progress = new Progress(group, log)
    this.#loop = new Loop(() => this.step(), log.child({ reader: group }), undefined, { rest, poll: POLL })
    this.#batchSize = telemetry.metrics.histogram(
      'argosy_reader_batch_messages',
      'Messages handled in one transaction.',
      ['group'],
      [1, 2, 5, 10, 25, 50, 100, 250, 500, 1000, 2500],
    )
  }

  start(): void {
    this.#loop.start()
  }

  /** Why the group does not get on in this process, in a sentence; undefined while it does. */
  complaint(): string | undefined {
    return this.#progress.complaint()
  }

  /** Handles what is there now and what that leads to in this group; for tests, on a reader that is not started. */
  async drain(): Promise<void> {
    while ((await this.step()) !== 'idle');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#leave?.[Symbol.asyncDispose]()
    await this.#loop[Symbol.asyncDispose]()
    await this.#source?.[Symbol.asyncDispose]()
  }

  /** One batch. `emptied`: it was all there was. `crowded`: more will follow at once, and cost less together. */
  step(): Promise<Found> {
    return this.#progress
      .watch(() => this.#step())
      .catch((error: unknown) => {
        this.#doubt()
        throw error
      })
  }

  async #step(): Promise<Found> {
    const source = (this.#source ??= await this.#join())
    const owned = source.owned()
    if (owned.length === 0) return 'idle'
    if (!this.#isSought(owned)) await this.#seek(source, owned)
    const open = this.#mayBeLocked ? await this.#unlocked(owned) : owned
    if (await this.#replay(open)) return 'handled'
    const batch = await source.read(open)
    const isAll = !batch.more && batch.behind !== true && open.length === owned.length
    if (batch.moves.length === 0) {
      this.#isUpToDate ||= isAll
      return 'idle'
    }
    const { group, together } = this.#options
    together?.reading(group, batch.deliveries)
    await this.#handle(batch)
    together?.read(group, batch.deliveries)
    this.#isUpToDate ||= isAll
    for (const move of batch.moves) this.#positions.set(placeOf(move), move.to)
    source.passed(batch)
    this.#options.platform.failpoint('reader.after-commit')
    if (batch.more) return 'handled'
    return batch.deliveries.length >= CROWD ? 'crowded' : 'emptied'
  }

  #join(): Promise<Source> {
    const { group, db, log, missed } = this.#options
    const wake = (): void => this.#loop.wake()
    return log.join({ group, topics: this.#topics, db, wake, ...(missed === undefined ? {} : { missed }) })
  }

  /** Whether the checkpoints are known of exactly these: what was another's meanwhile has moved on. */
  #isSought(owned: readonly TopicPartition[]): boolean {
    return owned.length === this.#positions.size && owned.every((place) => this.#positions.has(placeOf(place)))
  }

  async #seek(source: Source, owned: readonly TopicPartition[]): Promise<void> {
    const { db, group } = this.#options
    const positions = await loadPositions(db, group, owned)
    this.#parked = await parkedKeys(db)
    source.seek(positions)
    this.#positions = positions
    this.#isUpToDate = false
    this.#options.together?.sought(this.#options.group)
  }

  /** How far the partition has been read, when a message of the key would be handled next, were it written to the log now. */
  #takes(topic: string, partition: number, key: string): Position | undefined {
    if (!this.#isUpToDate || this.#mayBeLocked || this.#parked.has(`${topic}/${key}`)) return undefined
    return this.#positions.get(placeOf({ topic, partition }))
  }

  #doubt(): void {
    this.#positions.clear()
    this.#mayBeLocked = true
  }

  /** What can be read while a transaction that does not end has locked the rest: a frozen process of the database's, for one. */
  async #unlocked(owned: readonly TopicPartition[]): Promise<readonly TopicPartition[]> {
    const { db, group } = this.#options
    const free = await freeOf(db, group, owned)
    this.#mayBeLocked = free.length < owned.length
    this.#progress.isShort(owned.length - free.length)
    return free
  }

  async #handle(batch: Batch): Promise<void> {
    const sorted = sortOut(batch.deliveries, this.#parked, this.#reading.knowing)
    this.#batchSize.observe({ group: this.#options.group }, sorted.open.length)
    if (await handleRead(batch, sorted, this.#reading, this.#progress.isStandingStill))
      this.#parked = await parkedKeys(this.#options.db)
  }

  /** Handles letters marked for replay; looks for them while something is parked. */
  async #replay(owned: readonly TopicPartition[]): Promise<boolean> {
    if (this.#parked.size === 0 || !this.#replays.isDue) return false
    const stand = owned.map((place) => {
      const at = this.#positions.get(placeOf(place)) ?? ''
      return { ...place, from: at, to: at }
    })
    const letters = await this.#replays.run(stand)
    this.#parked = await parkedKeys(this.#options.db)
    return letters > 0
  }
}

const noJobs: Enqueue = () => {
  throw new Error('a handler asks for a job where nobody does any')
}

const byType = (consumers: readonly Consumer[]): ReadonlyMap<string, Consumer> => {
  const consumerOf = new Map<string, Consumer>()
  for (const consumer of consumers) {
    for (const { type } of consumer.types) {
      if (consumerOf.has(type)) throw new Error(`two consumers handle ${type}: a group handles a message once`)
      consumerOf.set(type, consumer)
    }
  }
  return consumerOf
}
