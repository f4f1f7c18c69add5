import { Loop, type Found } from '@kit/pace/loop'
import type { Platform } from '@kit/platform/platform'
import type { Database } from '@kit/postgres/queryable'
import { sql } from '@kit/postgres/statement'
import type { Logger } from '@kit/telemetry/telemetry'
import { placeOf, RELAY, type Log, type Move, type Source, type TopicPartition } from '../log.ts'
import { publicReasonIn, TooLarge } from './errors.ts'
import { toRecord, type OutgoingRecord } from './records.ts'
import type { TopicIds } from './topics.ts'

/** A step that takes so long stands still, in ms. */
const PATIENCE = 5_000
/** What is on its way to the brokers when the process ends has so long, in ms. */
const LAST = 2_000
/** How often partitions are asked for again that somebody's transaction has locked, in ms. */
const CLAIM_AGAIN = 1_000
/** How often a message is tried again that is too large, in ms; what stands before it in its partition is sent again each time. */
const RETRY_LARGE = 30_000
/** After so many messages at once more will follow at once. */
const CROWD = 10

type Claimed = TopicPartition & { readonly position: string; readonly epoch: string }

const claimPlaces = sql<Claimed>(import.meta.url, 'claim-places.sql')
const moveClaimed = sql<TopicPartition>(import.meta.url, 'move-claimed.sql')
const selectIdentity = sql<{ identity: string }>(import.meta.url, 'select-identity.sql')
const noteTopics = sql<{ topic: string; dropped_at: Date | null }>(import.meta.url, 'note-topics.sql')

/**
 * Of moves a crash of the server may undo some: they are repeated. A claim or a note that it undid would let a relay that had lost
 * its partitions write down as sent what readers pass over.
 */
const durably = { name: 'relay: durably', text: 'set local synchronous_commit = on' }

export type RelayOptions = {
  readonly db: Database
  readonly outbox: Log
  /** The topics as they are now; another map as soon as one of them is another. */
  readonly topicIds: () => TopicIds
  readonly write: (records: readonly OutgoingRecord[]) => Promise<void>
  readonly log: Logger
  readonly platform: Pick<Platform, 'failpoint' | 'clock'>
}

/**
 * Reads the outbox of a database and writes what is new to Kafka, partition by partition and in its order. It is a reader like
 * any other: processes share its partitions, and its checkpoints move when the brokers have the messages. Whoever dies
 * between has them written twice.
 */
export class Relay implements AsyncDisposable {
  readonly #options: RelayOptions
  readonly #loop: Loop
  #source: Source | undefined
  /** By place: the right to write it. Empty when all are to be claimed. */
  #epochs = new Map<string, bigint>()
  #database = ''
  #claimedAt = 0
  #noted: TopicIds | undefined
  #since: number | undefined
  #trouble: { readonly what: string; readonly since: number } | undefined
  /** By place: until when its next message is not tried, and why. */
  readonly #blocked = new Map<string, { readonly until: number; readonly what: string }>()
  #giveUp: (reason: Error) => void = () => undefined

  constructor(options: RelayOptions) {
    this.#options = options
    this.#loop = new Loop(
      () => this.#watched(),
      options.log.child({ reader: RELAY }),
      () => this.#epochs.clear(),
      {
        poll: 2_000,
      },
    )
  }

  start(): void {
    this.#loop.start()
  }

  /** Why it does not get on; undefined while it does. */
  readonly complaint = (): string | undefined => {
    const now = performance.now()
    for (const [place, { what }] of this.#blocked) return `messages of ${place} do not get to Kafka: ${what}`
    if (this.#trouble !== undefined && now - this.#trouble.since > PATIENCE)
      return `messages do not get to Kafka: ${this.#trouble.what}`
    if (this.#since !== undefined && now - this.#since > PATIENCE)
      return `Kafka has not confirmed messages for ${Math.round((now - this.#since) / 1000)} s`
    return undefined
  }

  /** What was written to topics that are no more is written to those that took their names, as far as the outbox has kept it. */
  async #note(ids: TopicIds): Promise<void> {
    const { db, log } = this.#options
    const lost = await db.transaction(async (tx) => {
      void tx.query(durably)
      return tx.query(noteTopics, [[...ids.keys()], [...ids.values()]])
    })
    if (lost.length === 0) return
    const topics = lost.map(({ topic }) => topic)
    const since = lost[0]?.dropped_at ?? null
    if (since === null) log.warn({ topics }, 'topics are new; all that was ever sent is sent again')
    else
      log.error(
        { topics, dropped_at: since },
        'topics are new; what the outbox still has is sent again, what was dropped from it is lost to groups that had not read it',
      )
    this.#epochs.clear()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const late = new Error('brokers that answer nothing do not hold up the end of the process')
    const timer = setTimeout(() => this.#giveUp(late), LAST)
    await this.#loop[Symbol.asyncDispose]()
    clearTimeout(timer)
    await this.#source?.[Symbol.asyncDispose]()
  }

  async #watched(): Promise<Found> {
    this.#since = performance.now()
    try {
      const found = await this.#step()
      this.#trouble = undefined
      return found
    } catch (error) {
      // The other partitions go on without it.
      if (error instanceof TooLarge)
        this.#blocked.set(placeOf(error.place), { until: performance.now() + RETRY_LARGE, what: publicReasonIn(error) })
      this.#trouble = { what: publicReasonIn(error), since: this.#trouble?.since ?? performance.now() }
      throw error
    } finally {
      this.#since = undefined
    }
  }

  async #step(): Promise<Found> {
    const { topicIds, platform } = this.#options
    const ids = topicIds()
    if (this.#noted !== ids) await this.#note(ids)
    this.#noted = ids
    const source = (this.#source ??= await this.#join())
    const owned = source.owned()
    for (const place of this.#blocked.keys())
      if (!owned.some((one) => placeOf(one) === place)) this.#blocked.delete(place)
    if (owned.length === 0) return 'idle'
    if (!this.#isClaimed(owned)) await this.#claim(source, owned)
    const batch = await source.read(owned.filter((place) => this.#isOpen(placeOf(place))))
    if (batch.moves.length === 0) return 'idle'
    platform.failpoint('log-relay.before-write')
    const now = platform.clock.now().getTime()
    await this.#write(
      batch.deliveries.map((delivery) => {
        const epoch = this.#epochs.get(placeOf(delivery)) ?? 0n
        return toRecord(delivery, { database: this.#database, epoch }, now)
      }),
    )
    platform.failpoint('log-relay.after-write')
    await this.#move(batch.moves)
    source.passed(batch)
    for (const move of batch.moves) this.#blocked.delete(placeOf(move))
    if (batch.more) return 'handled'
    return batch.deliveries.length >= CROWD ? 'crowded' : 'emptied'
  }

  #write(records: readonly OutgoingRecord[]): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#giveUp = reject
      this.#options.write(records).then(resolve, reject)
    })
  }

  #isOpen(place: string): boolean {
    return this.#epochs.has(place) && performance.now() >= (this.#blocked.get(place)?.until ?? 0)
  }

  /** Whether these are claimed, and no others; as many as were free, a moment ago. */
  #isClaimed(owned: readonly TopicPartition[]): boolean {
    const missing = owned.filter((place) => !this.#epochs.has(placeOf(place))).length
    if (this.#epochs.size + missing > owned.length) return false
    return missing === 0 || (this.#epochs.size > 0 && performance.now() - this.#claimedAt < CLAIM_AGAIN)
  }

  /** From now on, what another process writes of these is passed over, and its checkpoints do not move. */
  async #claim(source: Source, owned: readonly TopicPartition[]): Promise<void> {
    const { db } = this.#options
    this.#database = (await db.query(selectIdentity))[0]?.identity ?? ''
    const claimed = await db.transaction(async (tx) => {
      void tx.query(durably)
      return tx.query(claimPlaces, [owned.map(({ topic }) => topic), owned.map(({ partition }) => partition)])
    })
    source.seek(new Map(claimed.map((place) => [placeOf(place), place.position])))
    this.#claimedAt = performance.now()
    this.#epochs = new Map(claimed.map((place) => [placeOf(place), BigInt(place.epoch)]))
  }

  async #move(moves: readonly Move[]): Promise<void> {
    const moved = await this.#options.db.query(moveClaimed, [
      moves.map(({ topic }) => topic),
      moves.map(({ partition }) => partition),
      moves.map((move) => String(this.#epochs.get(placeOf(move)))),
      moves.map(({ from }) => from),
      moves.map(({ to }) => to),
    ])
    if (moved.length < moves.length) throw new Error('another process has taken over some of the partitions')
  }

  #join(): Promise<Source> {
    const { db, outbox, topicIds } = this.#options
    return outbox.join({ group: RELAY, topics: [...topicIds().keys()], db, wake: () => this.#loop.wake() })
  }
}
