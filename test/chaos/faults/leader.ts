import type { Kafka } from '../../cluster/kafka.ts'
import type { World } from '../world.ts'

export const noKafka = (brokers: number): string | undefined => (brokers > 0 ? undefined : 'the log is PostgreSQL')

/** Every purchase is written to it. */
const TOPIC = 'inventory.commands'
const PARTITIONS = 4

/** A broker that others wait for: one leads a partition of a topic that every purchase is written to. */
export const leader = async ({ kafka, chance, log }: World): Promise<{ readonly kafka: Kafka; readonly n: number }> => {
  if (kafka === undefined) throw new Error('the log has no brokers')
  if (kafka.count === 1) return { kafka, n: 0 }
  const partition = chance.between(0, PARTITIONS - 1)
  const n = await kafka.leaderOf(TOPIC, partition)
  if (n < 0) throw new Error(`nobody leads ${TOPIC}/${partition}`)
  log(`broker ${n + 1} leads ${TOPIC}/${partition}`)
  return { kafka, n }
}
