import type { Database, Tx } from '@kit/postgres/queryable'

/** A stream of messages is cut into partitions; within one, messages keep their order. */
export type TopicPartition = { readonly topic: string; readonly partition: number }

/** One text for both, as a key of maps. */
export const placeOf = ({ topic, partition }: TopicPartition): string => `${topic}/${partition}`

/**
 * How far a group has read a partition. Opaque: only the log that made it can order it; all others compare for equality.
 * Empty: the group has read nothing yet and begins with the oldest message that is kept.
 */
export type Position = string

/**
 * What travels: CloudEvents names, known to the shell only. Small, for every message is written and read: its time is that
 * of its record in the log.
 */
export type Envelope = {
  readonly id: string
  readonly type: string
  readonly partitionkey: string
  /** The story that the message belongs to; that of its key when absent. */
  readonly correlationid?: string
  readonly causationid?: string
  readonly traceparent?: string
  /** The only group that it is meant for; all when absent. */
  readonly audience?: string
  /** Groups that have had it already, in the transaction that wrote it; with commas. */
  readonly had?: string
  readonly data: unknown
}

/** A message as it was read, whether or not it can be parsed. */
export type Delivery = TopicPartition & { readonly envelope: Envelope }

/** By how much a group's checkpoint moves when a batch has been handled. */
export type Move = TopicPartition & { readonly from: Position; readonly to: Position }

/** What waits in some partitions, each in its order. Nothing waits when `moves` is empty. */
export type Batch = {
  readonly deliveries: readonly Delivery[]
  readonly moves: readonly Move[]
  /** A limit was met: read on at once. */
  readonly more: boolean
  /** There is more that has to be fetched first. */
  readonly behind?: boolean
}

/** The log as one group reads it in this process. */
export type Source = AsyncDisposable & {
  /** The partitions that are this process's to read now; it changes while members come and go. */
  readonly owned: () => readonly TopicPartition[]
  /** Where to read on, by place: after a change of owner or a failure, from the checkpoints. */
  readonly seek: (at: ReadonlyMap<string, Position>) => void
  /** What waits in these partitions, which were sought before. Does not wait for more. */
  readonly read: (places: readonly TopicPartition[]) => Promise<Batch>
  /** The batch that was read last is handled and its checkpoints are committed. */
  readonly passed: (batch: Batch) => void
}

export type Joining = {
  readonly group: string
  readonly topics: readonly string[]
  /** The group's own database, where its checkpoints are. */
  readonly db: Database
  /** Called when there may be something to read, or other partitions are owned. */
  readonly wake: () => void
  /** Told, in the transaction that makes it a reader of them, of topics that are new to the group and whose beginning is gone. */
  readonly missed?: (tx: Tx, topics: readonly string[]) => void
}

/** Messages of a partition that a group handles without reading them from the log. */
export type Handed = TopicPartition & {
  readonly group: string
  readonly keys: ReadonlySet<string>
  /** How far the group had read the partition. */
  readonly position: Position
  /** The types that the group handles; any when absent. */
  readonly types?: readonly string[]
}

/** How far a group is behind: messages that it has not read, and the age of the oldest of them in seconds. */
export type Lag = { readonly group: string; readonly messages: number; readonly seconds: number }

/** How topics are cut: the same in all processes of a fleet, or the messages of a key would lose their order. */
export type Partitioning = {
  /** How many partitions a topic has. */
  readonly partitions: (topic: string) => number
  /** The partition of a topic in which the messages of a key stand in their order. */
  readonly partitionOf: (topic: string, key: string) => number
}

/** Ordered, keyed streams of messages that are kept for a while and read by groups. */
export type Log = Partitioning &
  AsyncDisposable & {
    readonly join: (joining: Joining) => Promise<Source>
    /** Messages of these topics have been committed here: readers everywhere may be told. */
    readonly committed: (topics: ReadonlySet<string>) => void
    /**
     * Issues a statement that fails with SQLSTATE ARG03 when a message would overtake one of its key that its group has not read.
     * Absent where nobody can tell.
     */
    readonly keepOrder?: (tx: Tx, handed: readonly Handed[]) => void
    /** Of every group that is registered, whichever process it runs in. */
    readonly lag: () => Promise<readonly Lag[]>
    /** Why this process cannot read the log now, in a sentence; undefined while it can. */
    readonly complaint: () => string | undefined
  }

/** The group, and the role, of what takes an outbox to a log that is elsewhere. */
export const RELAY = 'relay'
