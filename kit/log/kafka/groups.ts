import type { Queryable } from '@kit/postgres/queryable'
import { sql } from '@kit/postgres/statement'
import type { Offsets, Read } from './offsets.ts'

const selectPositions = sql<Read>(import.meta.url, 'select-positions.sql')
const forgetCheckpoints = sql<{ topic: string }>(import.meta.url, 'forget-checkpoints.sql')

/** How far the groups have read whose checkpoints are in this database; without the relay, which reads no Kafka. */
export const positionsIn = (db: Queryable): Promise<readonly Read[]> => db.query(selectPositions)

/**
 * Forgets how far a group has read, in its database and in Kafka. False when it has read nothing.
 * Nothing of it may run meanwhile.
 */
export const forgetIn = async (db: Queryable, offsets: Offsets, group: string): Promise<boolean> => {
  const forgotten = await db.query(forgetCheckpoints, [group])
  await offsets.forget(group)
  return forgotten.length > 0
}
