import type { Queryable, Tx } from '@kit/postgres/queryable'
import { sql } from '@kit/postgres/statement'

export type TopicPartition = { readonly topic: string; readonly partition: number }

/** A place in the log: rows follow each other by transaction, then by sequence within it. */
export type Position = { readonly xid: string; readonly seq: number }

export type Advance = TopicPartition & { readonly from: Position; readonly to: Position }

const loadCheckpoints = sql<TopicPartition & Position>(import.meta.url, 'load-checkpoints.sql')
const advanceCheckpoints = sql(import.meta.url, 'advance-checkpoints.sql')

export const placeOf = ({ topic, partition }: TopicPartition): string => `${topic}/${partition}`

/** Where the group stands, by place. Partitions that it has never read begin at the oldest row kept. */
export const loadPositions = async (
  db: Queryable,
  group: string,
  owned: readonly TopicPartition[],
): Promise<Map<string, Position>> => {
  const rows = await db.query(loadCheckpoints, [
    group,
    owned.map(({ topic }) => topic),
    owned.map(({ partition }) => partition),
  ])
  return new Map(rows.map((row) => [placeOf(row), { xid: row.xid, seq: row.seq }]))
}

/**
 * Moves checkpoints in the caller's transaction, which fails with SQLSTATE ARG01 when another reader has moved one.
 * The commit waits for it, so that nobody else need.
 */
export const advance = (tx: Tx, group: string, moves: readonly Advance[]): Promise<unknown> =>
  tx.query(advanceCheckpoints, [
    group,
    moves.map((move) => move.topic),
    moves.map((move) => move.partition),
    moves.map((move) => move.from.xid),
    moves.map((move) => move.from.seq),
    moves.map((move) => move.to.xid),
    moves.map((move) => move.to.seq),
  ])

/** Whether the error says that another reader has taken over. */
export const isFenced = (error: unknown): boolean =>
  typeof error === 'object' && error !== null && 'code' in error && error.code === 'ARG01'
