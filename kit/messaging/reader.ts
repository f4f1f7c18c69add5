import { placeOf, type Batch, type Log, type Position, type Source, type TopicPartition } from '@kit/log/log'
import type { Platform } from '@kit/platform/platform'
import { waitShortly } from '@kit/postgres/locks'
import type { Database, Tx } from '@kit/postgres/queryable'
import type { Telemetry } from '@kit/telemetry/telemetry'
import { advance, freeOf, loadPositions } from '@kit/log/checkpoints'
import type { Consumer } from './consumer.ts'
import { park, parkedKeys } from './dead-letters.ts'
import { blameOf } from './failure.ts'
import { handleAround, handleBatch, type Handling } from './handle-batch.ts'
import { Loop, type Found } from '@kit/pace/loop'
import type { Send } from './outgoing.ts'
import { replayLetters } from './replay.ts'
import { sortOut, type Knowing } from './sort-out.ts'
import { Standing } from './standing.ts'

export type ReaderOptions = {
  /** Also the name of the service. */
  readonly group: string
  readonly consumers: readonly Consumer[]
  readonly db: Database
  readonly send: Send
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
/** How often letters to replay are looked for while something is parked, in ms. */
const LOOK_FOR_REPLAYS = 1_000

/**
 * Reads the log for one group: whatever waits, up to a limit, is handled in one transaction that also moves the group's
 * checkpoints. Delivery may repeat; effects do not.
 */
export class Reader implements AsyncDisposable {
  readonly #options: ReaderOptions
  readonly #topics: readonly string[]
  readonly #types: readonly string[]
  readonly #handling: Handling
  readonly #knowing: Knowing
  readonly #loop: Loop
  readonly #standing: Standing
  readonly #batchSize
  #source: Source | undefined
  /** The checkpoints of the partitions that are read, by place; empty when they have to be loaded. */
  #positions = new Map<string, Position>()
  #parked: ReadonlySet<string> = new Set()
  #replayCheckedAt = -LOOK_FOR_REPLAYS
  /** After a failure: somebody may have locked some of the checkpoints, and may not give them back. */
  #mayBeLocked = false

  constructor(options: ReaderOptions) {
    const { group, consumers, send, platform, telemetry, rest } = options
    this.#options = options
    const consumerOf = byType(consumers)
    this.#types = [...consumerOf.keys()]
    this.#topics = [...new Set(consumers.flatMap(({ types }) => types.map(({ topic }) => topic)))].sort()
    this.#handling = { consumerOf: (type) => consumerOf.get(type), send, platform }
    const typeOf: Knowing['typeOf'] = (name) => consumerOf.get(name)?.types.find(({ type }) => type === name)
    this.#knowing = { group, typeOf }
    this.#standing = new Standing(group, telemetry.log)
    const log = telemetry.log.child({ reader: group })
    this.#loop = new Loop(() => this.step(), log, undefined, { rest, poll: POLL })
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
    return this.#standing.complaint()
  }

  /** Handles what is there now and what that leads to in this group; for tests, on a reader that is not started. */
  async drain(): Promise<void> {
    while ((await this.step()) !== 'idle');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#loop[Symbol.asyncDispose]()
    await this.#source?.[Symbol.asyncDispose]()
  }

  /** One batch. `emptied`: it was all there was. `crowded`: more will follow at once, and cost less together. */
  step(): Promise<Found> {
    return this.#standing
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
    if (batch.moves.length === 0) return 'idle'
    await this.#handle(batch)
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
    this.#standing.isShort(owned.length - free.length)
    return free
  }

  async #handle(batch: Batch): Promise<void> {
    const { db, group, platform, telemetry } = this.#options
    const { open, fates } = sortOut(batch.deliveries, this.#parked, this.#knowing)
    this.#batchSize.observe({ group }, open.length)
    let isLocked = false
    if (fates.size === 0) {
      try {
        return await db.transaction(async (tx) => {
          await handleBatch(open, tx, this.#handling)
          void advance(tx, group, batch.moves)
          platform.failpoint('reader.before-commit')
        })
      } catch (error) {
        const blame = blameOf(error)
        if (blame === 'passing' || blame === 'systematic') throw error
        telemetry.log.warn({ group, error: String(error) }, 'a batch failed; looking for what it failed of')
        isLocked = blame === 'locked'
      }
    }
    await db.transaction((tx) => {
      if (isLocked) waitShortly(tx)
      return this.#handleAround(batch, tx)
    })
    this.#parked = await parkedKeys(db)
  }

  /** The careful way: parks what cannot be handled and what waits behind it, handles the rest. */
  async #handleAround(batch: Batch, tx: Tx): Promise<void> {
    const { group, telemetry } = this.#options
    const { open, fates } = sortOut(batch.deliveries, await parkedKeys(tx), this.#knowing)
    const all = new Map([...fates, ...(await handleAround(open, tx, this.#handling))])
    park(tx, batch.deliveries, all)
    for (const [{ envelope }, { state, reason }] of all) {
      if (state === 'behind') continue
      const { id, type, partitionkey, correlationid: correlation_id = partitionkey } = envelope
      const fields = { group, id, type, correlation_id, reason }
      if (state === 'parked') telemetry.log.error(fields, 'parked as a dead letter')
      else telemetry.log.warn(fields, WHY_LATER[state])
    }
    void advance(tx, group, batch.moves)
  }

  /** Handles letters marked for replay. Looks for them while something is parked, at most once a second. */
  async #replay(owned: readonly TopicPartition[]): Promise<boolean> {
    const { db, group, telemetry } = this.#options
    if (this.#parked.size === 0) return false
    if (performance.now() - this.#replayCheckedAt < LOOK_FOR_REPLAYS) return false
    this.#replayCheckedAt = performance.now()
    const stand = owned.map((place) => {
      const at = this.#positions.get(placeOf(place)) ?? ''
      return { ...place, from: at, to: at }
    })
    const replay = { ...this.#knowing, stand, handling: this.#handling, known: this.#types }
    const letters = await db.transaction((tx) => replayLetters(tx, replay))
    this.#parked = await parkedKeys(db)
    // Those that failed again have their new state; that is no reason to look at once.
    if (letters === 0) return false
    this.#replayCheckedAt = -LOOK_FOR_REPLAYS
    telemetry.log.info({ group, letters }, 'replayed dead letters')
    return true
  }
}

const WHY_LATER = {
  'kept-back': 'kept back for an instance that knows it',
  replay: 'set aside until its rows are free',
} as const

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
