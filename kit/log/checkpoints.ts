import { placeOf, type Move, type Position, type TopicPartition } from './log.ts'
import type { Queryable } from '@kit/postgres/queryable'
import { sql } from '@kit/postgres/statement'

const loadCheckpoints = sql<TopicPartition & { position: Position }>(import.meta.url, 'load-checkpoints.sql')
const freeCheckpoints = sql<TopicPartition>(import.meta.url, 'free-checkpoints.sql')
const moveCheckpoints = sql(import.meta.url, 'move-checkpoints.sql')

/** How far the group has read, by place. */
export const loadPositions = async (
  db: Queryable,
  group: string,
  places: readonly TopicPartition[],
): Promise<Map<string, Position>> => {
  const rows = await db.query(loadCheckpoints, [
    group,
    places.map(({ topic }) => topic),
    places.map(({ partition }) => partition),
  ])
  return new Map(rows.map((row) => [placeOf(row), row.position]))
}

/** Those of the partitions whose checkpoint nobody has locked: a transaction that does not end keeps only its own from being read. */
export const freeOf = (
  db: Queryable,
  group: string,
  places: readonly TopicPartition[],
): Promise<readonly TopicPartition[]> =>
  db.query(freeCheckpoints, [group, places.map(({ topic }) => topic), places.map(({ partition }) => partition)])

/**
 * Moves checkpoints in the caller's transaction, which fails with SQLSTATE ARG01 when another reader has moved one.
 * The commit waits for it, so that nobody else need.
 */
export const advance = (tx: Queryable, group: string, moves: readonly Move[]): Promise<unknown> =>
  tx.query(moveCheckpoints, [
    group,
    moves.map(({ topic }) => topic),
    moves.map(({ partition }) => partition),
    moves.map(({ from }) => from),
    moves.map(({ to }) => to),
  ])

/** Whether the error says that another reader has taken over. */
export const isFenced = (error: unknown): boolean =>
  typeof error === 'object' && error !== null && 'code' in error && error.code === 'ARG01'
