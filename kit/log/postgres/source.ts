import type { Queryable } from '@kit/postgres/queryable'
import { sql } from '@kit/postgres/statement'
import { placeOf, type Batch, type Delivery, type Envelope } from '../log.ts'
import type { Joining, Move, Position, Source, TopicPartition } from '../log.ts'
import { gapsOf, positionOf, viewOf, type View } from './position.ts'

type Row = { readonly seq: number; readonly messages: readonly Envelope[] }
/** One without a topic says only which snapshot was read: there was nothing. */
type Found = {
  readonly snapshot: string
  readonly base: number
  readonly topic: string | null
  readonly partition: number
} & Row
type Start = TopicPartition & { readonly snapshot: string; readonly seq: number }

const readRows = sql<Found>(import.meta.url, 'read-rows.sql')
const findStart = sql<Start>(import.meta.url, 'find-start.sql')

/** Rows looked at per partition. */
const ROWS_PER_PARTITION = 16

/** After so many a batch is full: large transactions, but not endless ones. */
const MESSAGES_PER_BATCH = 1_000

export type SourceOptions = Pick<Joining, 'group' | 'db'> & {
  readonly owned: () => readonly TopicPartition[]
  readonly leave: () => void
}

/** Reads the outbox for one group, each row as soon as it is committed, whatever older transactions do. */
export class OutboxSource implements Source {
  readonly owned: () => readonly TopicPartition[]
  readonly #options: SourceOptions
  /** By place: the checkpoint, and what has been seen since; unknown until the first look of a group that begins. */
  readonly #stands = new Map<string, { readonly checkpoint: Position; readonly view: View | undefined }>()
  /** Where the batch leads to that is being handled. */
  #next = new Map<string, View>()
  #turn = 0

  constructor(options: SourceOptions) {
    this.#options = options
    this.owned = options.owned
  }

  seek(at: ReadonlyMap<string, Position>): void {
    this.#stands.clear()
    for (const [place, checkpoint] of at)
      this.#stands.set(place, { checkpoint, view: checkpoint === '' ? undefined : viewOf(checkpoint) })
  }

  async read(places: readonly TopicPartition[]): Promise<Batch> {
    const { db } = this.#options
    await this.#begin(db, places)
    // Begins with another partition each time, so that a full batch does not always leave out the same ones.
    const turn = this.#turn++ % Math.max(1, places.length)
    const inTurn = [...places.slice(turn), ...places.slice(0, turn)]
    const views = inTurn.map((place) => this.#viewAt(place))
    const found = await db.query(readRows, [
      inTurn.map(({ topic }) => topic),
      inTurn.map(({ partition }) => partition),
      views.map(({ seq }) => seq),
      views.map(({ gaps }) => `{${gaps.join()}}`),
      views.map(({ floor }) => floor),
      ROWS_PER_PARTITION,
    ])
    return this.#batch(inTurn, found)
  }

  passed({ moves }: Batch): void {
    for (const move of moves) {
      const view = this.#next.get(placeOf(move))
      if (view !== undefined) this.#stands.set(placeOf(move), { checkpoint: move.to, view })
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#options.leave()
  }

  #batch(places: readonly TopicPartition[], found: readonly Found[]): Batch {
    const snapshot = found[0]?.snapshot ?? ''
    const seen = { gaps: gapsOf(snapshot), floor: found[0]?.base ?? 0 }
    const rowsOf = Map.groupBy(found, ({ topic, partition }) => placeOf({ topic: topic ?? '', partition }))
    const deliveries: Delivery[] = []
    const moves: Move[] = []
    let more = false
    this.#next = new Map()
    for (const place of places) {
      const { topic, partition } = place
      const key = placeOf(place)
      const { seq } = this.#viewAt(place)
      const rows = rowsOf.get(key)?.toSorted((one, other) => one.seq - other.seq) ?? []
      if (rows.length === 0) {
        // All that the snapshot shows is done: transactions that have ended since need not be looked for again.
        this.#stands.set(key, { checkpoint: this.#checkpointAt(key), view: { seq, ...seen } })
        continue
      }
      more ||= deliveries.length >= MESSAGES_PER_BATCH
      if (deliveries.length >= MESSAGES_PER_BATCH) continue
      const taken = takeRows(rows, seq, MESSAGES_PER_BATCH - deliveries.length)
      for (const { messages } of taken) for (const envelope of messages) deliveries.push({ topic, partition, envelope })
      const last = Math.max(seq, taken.at(-1)?.seq ?? 0)
      const cut = taken.length < rows.length || rows.filter((row) => row.seq > seq).length === ROWS_PER_PARTITION
      more ||= cut
      this.#next.set(key, { seq: last, ...seen })
      moves.push({ topic, partition, from: this.#checkpointAt(key), to: positionOf(last, snapshot, cut) })
    }
    return { deliveries, moves, more }
  }

  /** Finds where to begin in partitions that the group has never read, or that the last release has read meanwhile. */
  async #begin(db: Queryable, places: readonly TopicPartition[]): Promise<void> {
    const unknown = places.filter((place) => this.#stands.get(placeOf(place))?.view === undefined)
    if (unknown.length === 0) return
    const starts = await db.query(findStart, [
      this.#options.group,
      unknown.map(({ topic }) => topic),
      unknown.map(({ partition }) => partition),
    ])
    for (const { snapshot, seq, ...place } of starts) {
      const key = placeOf(place)
      this.#stands.set(key, { checkpoint: this.#checkpointAt(key), view: { seq, gaps: gapsOf(snapshot), floor: 0 } })
    }
  }

  #viewAt(place: TopicPartition): View {
    const view = this.#stands.get(placeOf(place))?.view
    if (view === undefined) throw new Error(`${placeOf(place)} is read before it was sought`)
    return view
  }

  #checkpointAt(place: string): Position {
    return this.#stands.get(place)?.checkpoint ?? ''
  }
}

/** Rows in their order until there are messages enough; those up to `seq` came late, and are taken all. */
const takeRows = (rows: readonly Row[], seq: number, most: number): readonly Row[] => {
  let messages = 0
  const end = rows.findIndex((row) => {
    const isFull = messages >= most && row.seq > seq
    messages += row.messages.length
    return isFull
  })
  return end < 0 ? rows : rows.slice(0, end)
}
