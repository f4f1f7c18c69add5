import type { Queryable } from '@kit/postgres/queryable'
import { sql } from '@kit/postgres/statement'
import type { Offsets, Read } from './offsets.ts'
import { placeAt } from './position.ts'
import type { Topics } from './topics.ts'

const selectPositions = sql<Read>(import.meta.url, 'select-positions.sql')
const forgetCheckpoints = sql<{ topic: string }>(import.meta.url, 'forget-checkpoints.sql')

type Cut = { readonly topics: Pick<Topics, 'ids'>; readonly partitions: number }

/**
 * How far the groups have read whose checkpoints are in this database, in the partitions that there are; without the relay, which
 * reads no Kafka. What they have read of a topic before it was made anew counts as nothing.
 */
export const positionsIn = async (db: Queryable, { topics: { ids }, partitions }: Cut): Promise<readonly Read[]> =>
  (await db.query(selectPositions))
    .filter(({ topic, partition }) => partition < partitions && ids.has(topic))
    .map((read) => (placeAt(read.position)?.topicId === ids.get(read.topic) ? read : { ...read, position: '' }))

/**
 * Forgets how far a group has read, in its database and in Kafka. False when it has read nothing.
 * Nothing of it may run meanwhile.
 */
export const forgetIn = async (db: Queryable, offsets: Offsets, group: string): Promise<boolean> => {
  const forgotten = await db.query(forgetCheckpoints, [group])
  await offsets.forget(group)
  return forgotten.length > 0
}
