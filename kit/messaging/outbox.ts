import { topicOf } from '@kit/message/message'
import type { Message } from '@kit/message/message'
import type { Platform } from '@kit/platform/platform'
import { sql } from '@kit/postgres/statement'
import type { Tx } from '@kit/postgres/queryable'
import type { Cause, Envelope } from './outgoing.ts'
import { PARTITIONS, partitionOf } from './partition.ts'

const insertBatches = sql(import.meta.url, 'insert-batches.sql')

/** Columns of the rows that `insert-batches.sql` writes: one row per topic and partition, more when a row would grow too large. */
export type RecordBatches = {
  readonly topics: readonly string[]
  readonly partitions: readonly number[]
  /** JSON arrays of envelopes. */
  readonly messages: readonly string[]
}

/** Above this many characters a row would leave its page; see toast_tuple_target in the log's migration. */
const ROW_SIZE = 7_000

/** Packs messages into record batches; the order of messages of one key is kept. */
export const pack = (
  messages: readonly Message[],
  platform: Platform,
  causeOf: (key: string) => Cause | undefined = () => undefined,
): RecordBatches => {
  const topics: string[] = []
  const partitions: number[] = []
  const rows: string[] = []
  const open = new Map<string, { row: number; size: number }>()
  for (const message of messages) {
    const topic = topicOf(message)
    const partition = partitionOf(message.key)
    const json = JSON.stringify(envelopeOf(message, platform, causeOf(message.key)))
    const place = `${topic}/${partition}`
    const current = open.get(place)
    if (current !== undefined && current.size + json.length < ROW_SIZE) {
      rows[current.row] += `,${json}`
      current.size += json.length
    } else {
      open.set(place, { row: rows.length, size: json.length })
      topics.push(topic)
      partitions.push(partition)
      rows.push(`[${json}`)
    }
  }
  return { topics, partitions, messages: rows.map((row) => `${row}]`) }
}

/** Appends messages to the log in the caller's transaction; does not wait for the answer, the commit does. */
export const append = (tx: Tx, batches: RecordBatches): void => {
  if (batches.topics.length === 0) return
  void tx.query(insertBatches, [batches.topics, batches.partitions, batches.messages])
}

/** All topic partitions of the given topics. */
export const partitionsOf = (topics: readonly string[]): readonly { topic: string; partition: number }[] =>
  topics.flatMap((topic) => Array.from({ length: PARTITIONS }, (_, partition) => ({ topic, partition })))

const envelopeOf = (message: Message, platform: Platform, cause: Cause | undefined): Envelope => ({
  id: platform.newId(),
  type: message.type,
  partitionkey: message.key,
  ...(cause?.correlationid === undefined || cause.correlationid === message.key
    ? {}
    : { correlationid: cause.correlationid }),
  ...(cause?.id === undefined ? {} : { causationid: cause.id }),
  ...(cause?.traceparent === undefined ? {} : { traceparent: cause.traceparent }),
  data: message.data,
})
