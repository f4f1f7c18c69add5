import type { Platform } from '@kit/platform/platform'
import { isTransient, type Database, type Tx } from '@kit/postgres/queryable'
import type { Telemetry } from '@kit/telemetry/telemetry'
import type { Consumer } from './consumer.ts'
import { park, parkedKeys } from './dead-letters.ts'
import { handleAround, handleBatch, type Handling } from './handle-batch.ts'
import { Loop, type Found } from './loop.ts'
import type { Send } from './outgoing.ts'
import { partitionsOf } from './outbox.ts'
import { advance, isFenced, loadPositions, placeOf, type Position, type TopicPartition } from './positions.ts'
import { readBatch, type ReadBatch } from './read-batch.ts'
import { replayLetters } from './replay.ts'
import { sortOut } from './sort-out.ts'
import type { Wake } from './wake.ts'

export type ReaderOptions = {
  /** Also the name of the service. */
  readonly group: string
  readonly consumers: readonly Consumer[]
  readonly db: Database
  readonly send: Send
  readonly wake: Wake
  readonly platform: Platform
  readonly telemetry: Telemetry
  /** Ms between two batches at least; 0 unless given. */
  readonly rest?: number | undefined
  /** Which of the group's partitions this process reads now. All, unless the group has other members. */
  readonly share?: (group: string, all: readonly TopicPartition[]) => readonly TopicPartition[]
}

/** After so many messages at once more will follow at once. */
const CROWD = 10

/**
 * Reads the log for one group: whatever waits, up to a limit, is handled in one transaction that also moves the group's
 * checkpoints. Delivery may repeat; effects do not.
 */
export class Reader implements AsyncDisposable {
  readonly #options: ReaderOptions
  readonly #all: readonly TopicPartition[]
  readonly #handling: Handling
  readonly #loop: Loop
  readonly #unsubscribe: () => void
  readonly #batchSize
  #positions = new Map<string, Position>()
  #parked: ReadonlySet<string> = new Set()
  #replayCheckedAt = 0
  #turn = 0

  constructor(options: ReaderOptions) {
    this.#options = options
    const consumerOf = byType(options.consumers)
    this.#handling = { consumerOf: (type) => consumerOf.get(type), send: options.send, platform: options.platform }
    const topics = [...new Set(options.consumers.flatMap(({ types }) => types.map(({ topic }) => topic)))].sort()
    this.#all = partitionsOf(topics)
    this.#loop = new Loop(
      () => this.step(),
      options.telemetry.log.child({ reader: options.group }),
      () => {
        this.#positions = new Map()
      },
      { rest: options.rest },
    )
    this.#unsubscribe = options.wake.on(topics, () => this.#loop.wake())
    this.#batchSize = options.telemetry.metrics.histogram(
      'argosy_reader_batch_messages',
      'Messages handled in one transaction.',
      ['group'],
      [1, 2, 5, 10, 25, 50, 100, 250, 500, 1000, 2500],
    )
  }

  start(): void {
    this.#loop.start()
  }

  /** Handles what is there now and what that leads to in this group; for tests, on a reader that is not started. */
  async drain(): Promise<void> {
    while ((await this.step()) !== 'idle');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#unsubscribe()
    await this.#loop[Symbol.asyncDispose]()
  }

  /**
   * One batch. `emptied`: it was all there was, and a commit since then has woken the loop. `unsettled`: there are rows, but an
   * older transaction is still running. `crowded`: more will follow at once, and cost less together.
   */
  async step(): Promise<Found> {
    const { db, group, share } = this.#options
    const owned = share === undefined ? this.#all : share(group, this.#all)
    if (owned.length === 0) return 'idle'
    if (owned.some((place) => !this.#positions.has(placeOf(place)))) {
      this.#positions = await loadPositions(db, group, owned)
      this.#parked = await parkedKeys(db)
    }
    if (await this.#replay(owned)) return 'handled'
    // Begins with another partition each time, so that a full batch does not always leave out the same ones.
    const turn = this.#turn++ % owned.length
    const batch = await readBatch(db, [...owned.slice(turn), ...owned.slice(0, turn)], this.#positions)
    if (batch.moves.length === 0) return batch.unsettled ? 'unsettled' : 'idle'
    await this.#handle(batch)
    for (const move of batch.moves) this.#positions.set(placeOf(move), move.to)
    this.#options.platform.failpoint('reader.after-commit')
    if (batch.full) return 'handled'
    if (batch.deliveries.length >= CROWD) return 'crowded'
    return batch.unsettled ? 'unsettled' : 'emptied'
  }

  async #handle(batch: ReadBatch): Promise<void> {
    const { db, group, platform } = this.#options
    const { open, fates } = sortOut(batch.deliveries, this.#parked, this.#typeOf)
    this.#batchSize.observe({ group }, open.length)
    if (fates.size === 0) {
      try {
        return await db.transaction(async (tx) => {
          await handleBatch(open, tx, this.#handling)
          void advance(tx, group, batch.moves)
          platform.failpoint('reader.before-commit')
        })
      } catch (error) {
        if (isTransient(error) || isFenced(error)) throw error
        this.#options.telemetry.log.warn({ group, error: String(error) }, 'a batch failed; looking for its poison')
      }
    }
    await db.transaction((tx) => this.#handleAround(batch, tx))
    this.#parked = await parkedKeys(db)
  }

  /** The careful way: parks what cannot be handled and what waits behind it, handles the rest. */
  async #handleAround(batch: ReadBatch, tx: Tx): Promise<void> {
    const { open, fates } = sortOut(batch.deliveries, await parkedKeys(tx), this.#typeOf)
    const all = new Map([...fates, ...(await handleAround(open, tx, this.#handling))])
    park(tx, batch.deliveries, all)
    for (const [{ envelope }, { state, reason }] of all) {
      if (state !== 'parked') continue
      const { id, type, partitionkey, correlationid: correlation_id = partitionkey } = envelope
      const fields = { group: this.#options.group, id, type, correlation_id, reason }
      this.#options.telemetry.log.error(fields, 'parked as a dead letter')
    }
    void advance(tx, this.#options.group, batch.moves)
  }

  /** Handles letters marked for replay. Looks for them while something is parked, at most once a second. */
  async #replay(owned: readonly TopicPartition[]): Promise<boolean> {
    const { db, group, platform } = this.#options
    if (this.#parked.size === 0) return false
    const now = platform.clock.now().getTime()
    if (now - this.#replayCheckedAt < 1000) return false
    this.#replayCheckedAt = now
    const stand = owned.flatMap((place) => {
      const at = this.#positions.get(placeOf(place))
      return at === undefined ? [] : [{ ...place, from: at, to: at }]
    })
    const replay = { group, stand, handling: this.#handling, typeOf: this.#typeOf }
    const letters = await db.transaction((tx) => replayLetters(tx, replay))
    this.#parked = await parkedKeys(db)
    if (letters === 0) return false
    this.#replayCheckedAt = 0
    this.#options.telemetry.log.info({ group, letters }, 'replayed dead letters')
    return true
  }

  readonly #typeOf = (type: string) =>
    this.#handling.consumerOf(type)?.types.find((candidate) => candidate.type === type)
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
