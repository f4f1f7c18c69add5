import type { Platform } from '@kit/platform/platform'
import { isPassing, type Database, type Tx } from '@kit/postgres/queryable'
import type { Telemetry } from '@kit/telemetry/telemetry'
import type { Consumer } from './consumer.ts'
import { concludeReplay, lettersToReplay, park, parkedKeys, type DeadLetter, type Unhandled } from './dead-letters.ts'
import { handleAround, handleBatch, type Handling, type Poison } from './handle-batch.ts'
import { Loop } from './loop.ts'
import type { Send } from './outgoing.ts'
import { partitionsOf } from './outbox.ts'
import { advance, isFenced, loadPositions, placeOf, type Position, type TopicPartition } from './positions.ts'
import { readBatch, receive, type ReadBatch } from './read-batch.ts'
import type { Received } from './stages.ts'
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
  /** Which of the group's partitions this process reads now. All, unless the group has other members. */
  readonly share?: (group: string, all: readonly TopicPartition[]) => readonly TopicPartition[]
}

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

  /** One batch. `unsettled`: there are rows, but an older transaction is still running. */
  async step(): Promise<'handled' | 'unsettled' | 'idle'> {
    const { db, group, share } = this.#options
    const owned = share === undefined ? this.#all : share(group, this.#all)
    if (owned.length === 0) return 'idle'
    if (owned.some((place) => !this.#positions.has(placeOf(place)))) {
      this.#positions = await loadPositions(db, group, owned)
      this.#parked = await parkedKeys(db)
    }
    if (await this.#replay(owned)) return 'handled'
    const batch = await readBatch(db, owned, this.#positions)
    if (batch.moves.length === 0) return batch.unsettled ? 'unsettled' : 'idle'
    await this.#handle(batch)
    for (const move of batch.moves) this.#positions.set(placeOf(move), move.to)
    this.#options.platform.failpoint('reader.after-commit')
    return 'handled'
  }

  async #handle(batch: ReadBatch): Promise<void> {
    const { db, group, platform } = this.#options
    const { received, malformed } = receive(batch.unhandled, this.#typeOf)
    this.#batchSize.observe({ group }, received.length)
    const clean =
      malformed.length === 0 && !received.some(({ topic, message }) => this.#parked.has(`${topic}/${message.key}`))
    if (clean) {
      try {
        return await db.transaction(async (tx) => {
          await handleBatch(received, tx, this.#handling)
          advance(tx, group, batch.moves)
          platform.failpoint('reader.before-commit')
        })
      } catch (error) {
        if (isPassing(error) || isFenced(error)) throw error
        this.#options.telemetry.log.warn({ group, error: String(error) }, 'a batch failed; looking for its poison')
      }
    }
    await db.transaction((tx) => this.#handleAround(batch, tx))
    this.#parked = await parkedKeys(db)
  }

  /** The careful way: parks what cannot be handled and what waits behind it, handles the rest. */
  async #handleAround(batch: ReadBatch, tx: Tx): Promise<void> {
    const parked = new Set(await parkedKeys(tx))
    const open: Received[] = []
    const waiting: Unhandled[] = []
    const malformed: Poison<Unhandled>[] = []
    for (const letter of batch.unhandled) {
      const key = `${letter.topic}/${letter.envelope.partitionkey}`
      const read = receive([letter], this.#typeOf)
      for (const bad of read.malformed) {
        if (parked.has(key)) waiting.push(letter)
        else malformed.push(bad)
        parked.add(key)
      }
      for (const good of read.received) {
        if (parked.has(key)) waiting.push(letter)
        else open.push(good)
      }
    }
    const { poison, behind } = await handleAround(open, tx, this.#handling)
    await park(tx, [...malformed, ...poison], [...waiting, ...behind])
    for (const { received: letter, reason } of [...malformed, ...poison]) {
      const { id, type, partitionkey, correlationid: correlation_id = partitionkey } = letter.envelope
      this.#options.telemetry.log.error(
        { group: this.#options.group, id, type, correlation_id, reason },
        'parked as a dead letter',
      )
    }
    advance(tx, this.#options.group, batch.moves)
  }

  /** Handles letters marked for replay. Checked when something is parked, at most once a second. */
  async #replay(owned: readonly TopicPartition[]): Promise<boolean> {
    const { db, group, platform } = this.#options
    if (this.#parked.size === 0) return false
    const now = platform.clock.now().getTime()
    if (now - this.#replayCheckedAt < 1000) return false
    this.#replayCheckedAt = now
    const letters = await lettersToReplay(db, owned, 500)
    if (letters.length === 0) {
      this.#parked = await parkedKeys(db)
      return false
    }
    await db.transaction((tx) => this.#replayLetters(letters, tx))
    this.#parked = await parkedKeys(db)
    this.#replayCheckedAt = 0
    this.#options.telemetry.log.info({ group, letters: letters.length }, 'replayed dead letters')
    return true
  }

  async #replayLetters(letters: readonly DeadLetter[], tx: Tx): Promise<void> {
    // Moving the checkpoints nowhere proves that nobody else has taken the partitions over, and locks them.
    const places = new Map(
      letters.map((letter) => [placeOf(letter), { topic: letter.topic, partition: letter.partition }]),
    )
    const moves = [...places].map(([place, at]) => {
      const position = this.#positions.get(place) ?? { xid: '0', seq: 0 }
      return { ...at, from: position, to: position }
    })
    advance(tx, this.#options.group, moves)
    const { received, malformed } = receive(letters, this.#typeOf)
    const { poison, behind } = await handleAround(received, tx, this.#handling)
    const idOf = new Map(letters.map((letter) => [letter.envelope.id, letter.id]))
    const stuck = [...malformed, ...poison].map(({ received: letter, reason }) => ({
      id: idOf.get(letter.envelope.id) ?? 0,
      reason,
    }))
    const waiting = behind.map(({ envelope }) => idOf.get(envelope.id) ?? 0)
    const left = new Set([...stuck.map(({ id }) => id), ...waiting])
    await concludeReplay(
      tx,
      letters.map(({ id }) => id).filter((id) => !left.has(id)),
      stuck,
      waiting,
    )
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
