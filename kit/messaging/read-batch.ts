import type { Queryable } from '@kit/postgres/queryable'
import { sql } from '@kit/postgres/statement'
import type { Envelope } from './outgoing.ts'
import { placeOf, type Advance, type Position, type TopicPartition } from './positions.ts'
import type { Delivery } from './stages.ts'

type Row = TopicPartition & Position & { readonly messages: readonly Envelope[]; readonly settled: boolean }

const readBatches = sql<Row>(import.meta.url, 'read-batches.sql')

/** Rows looked at per partition. */
const ROWS_PER_PARTITION = 16

/** After so many a batch is full: large transactions, but not endless ones. */
const MESSAGES_PER_BATCH = 1_000

export type ReadBatch = {
  readonly deliveries: readonly Delivery[]
  /** How far each partition comes by this batch; empty when nothing can be read. */
  readonly moves: readonly Advance[]
  /** Rows were seen that an older transaction could still get in front of. */
  readonly unsettled: boolean
  /** A limit was met: more may be waiting. */
  readonly full: boolean
}

/** What waits after the positions, in log order within each partition. */
export const readBatch = async (
  db: Queryable,
  owned: readonly TopicPartition[],
  positions: ReadonlyMap<string, Position>,
): Promise<ReadBatch> => {
  const froms = owned.map((place) => positions.get(placeOf(place)) ?? { xid: '0', seq: 0 })
  const rows = await db.query(readBatches, [
    owned.map(({ topic }) => topic),
    owned.map(({ partition }) => partition),
    froms.map(({ xid }) => xid),
    froms.map(({ seq }) => seq),
    ROWS_PER_PARTITION,
  ])
  const deliveries: Delivery[] = []
  const moves = new Map<string, Advance>()
  const seen = new Map<string, number>()
  let unsettled = false
  let full = false
  for (const { topic, partition, xid, seq, messages, settled } of rows) {
    const place = placeOf({ topic, partition })
    seen.set(place, (seen.get(place) ?? 0) + 1)
    if (!settled) {
      unsettled = true
      continue
    }
    if (deliveries.length >= MESSAGES_PER_BATCH) {
      full = true
      continue
    }
    for (const envelope of messages) deliveries.push({ topic, partition, envelope })
    const from = moves.get(place)?.from ?? positions.get(place) ?? { xid: '0', seq: 0 }
    moves.set(place, { topic, partition, from, to: { xid, seq } })
  }
  full ||= [...seen.values()].includes(ROWS_PER_PARTITION)
  return { deliveries, moves: [...moves.values()], unsettled, full }
}
