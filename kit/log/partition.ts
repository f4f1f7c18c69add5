import type { Partitioning } from './log.ts'

/** How many partitions every topic of PostgreSQL's log has. A constant: changing it on a log in use would break the order of keys. */
export const PARTITIONS = 4

/** The partition of a key: FNV-1a over its UTF-16 units. */
export const partitionOf = (key: string): number => hash32(key) % PARTITIONS

/** How PostgreSQL's log is cut. */
export const partitioning: Partitioning = {
  partitions: () => PARTITIONS,
  partitionOf: (_topic, key) => partitionOf(key),
}

/** A 32-bit unsigned hash, spread evenly enough for sharing out work. */
export const hash32 = (text: string): number => {
  let hash = 0x811c9dc5
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193)
  // FNV's low bits are weak for texts that differ in their last characters only: fold the high ones in.
  return (hash ^ (hash >>> 15)) >>> 0
}
