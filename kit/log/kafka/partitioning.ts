import { compatibilityPartitioner } from '@platformatic/kafka'
import type { Partitioning } from '../log.ts'

/** Topics cut as Java's clients cut them: murmur2 of the key's UTF-8, so that any Kafka tool finds a key where it is. */
export const kafkaPartitioning = (partitions: number): Partitioning => ({
  partitions: () => partitions,
  partitionOf: (topic, key) => compatibilityPartitioner({ topic }, Buffer.from(key)) % partitions,
})
