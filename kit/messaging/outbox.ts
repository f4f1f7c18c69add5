import type { Envelope, Partitioning, TopicPartition } from '@kit/log/log'
import { topicOf } from '@kit/message/message'
import type { Message } from '@kit/message/message'
import type { Platform } from '@kit/platform/platform'
import { sql } from '@kit/postgres/statement'
import type { Tx } from '@kit/postgres/queryable'
import type { Cause } from './outgoing.ts'

const insertBatches = sql(import.meta.url, 'insert-batches.sql')

/** A message in its envelope, and where in the log it belongs. */
export type Packed = TopicPartition & { readonly kind: Message['kind']; readonly envelope: Envelope }

/** Columns of the rows of the outbox: one row per topic and partition, more when a row would grow too large. */
export type RecordBatches = {
  readonly topics: readonly string[]
  readonly partitions: readonly number[]
  /** JSON arrays of envelopes. */
  readonly messages: readonly string[]
  /** How many envelopes each has. */
  readonly sizes: readonly number[]
  /** Groups that have had them, the same for all of a row. */
  readonly hads: readonly (string | null)[]
}

/** Above this many characters a row would leave its page; see toast_tuple_target in the log's migration. */
const ROW_SIZE = 7_000

type Row = TopicPartition & { readonly had: string | undefined; text: string; size: number }

/** Packs messages into record batches; the order of messages of one key is kept. */
export const pack = (messages: readonly Packed[]): RecordBatches => {
  const rows: Row[] = []
  const open = new Map<string, Row>()
  for (const { topic, partition, envelope } of messages) {
    const { had } = envelope
    const json = JSON.stringify(envelope)
    const place = `${topic}/${partition}`
    const current = open.get(place)
    if (current !== undefined && current.had === had && current.text.length + json.length < ROW_SIZE) {
      current.text += `,${json}`
      current.size++
    } else {
      const row = { topic, partition, had, text: `[${json}`, size: 1 }
      open.set(place, row)
      rows.push(row)
    }
  }
  return {
    topics: rows.map(({ topic }) => topic),
    partitions: rows.map(({ partition }) => partition),
    messages: rows.map(({ text }) => `${text}]`),
    sizes: rows.map(({ size }) => size),
    hads: rows.map(({ had }) => had ?? null),
  }
}

/** Appends messages to the log in the caller's transaction; does not wait for the answer, the commit does. */
export const append = (tx: Tx, { topics, partitions, messages, sizes }: RecordBatches): void => {
  if (topics.length > 0) void tx.query(insertBatches, [topics, partitions, messages, sizes])
}

export type Enclosing = {
  readonly platform: Platform
  readonly partitionOf: Partitioning['partitionOf']
  readonly causeOf?: ((key: string) => Cause | undefined) | undefined
  /** The only group that it is for. */
  readonly audience?: string | undefined
}

/** Puts a message into an envelope of its own. */
export const enclose = (
  message: Message,
  { platform, partitionOf, causeOf = () => undefined, audience }: Enclosing,
): Packed => {
  const { kind, type, key, data } = message
  const topic = topicOf(message)
  const cause = causeOf(key)
  const envelope: Envelope = {
    id: platform.newId(),
    type,
    partitionkey: key,
    ...(cause?.correlationid === undefined || cause.correlationid === key
      ? {}
      : { correlationid: cause.correlationid }),
    ...(cause?.id === undefined ? {} : { causationid: cause.id }),
    ...(cause?.traceparent === undefined ? {} : { traceparent: cause.traceparent }),
    ...(audience === undefined ? {} : { audience }),
    data,
  }
  return { kind, topic, partition: partitionOf(topic, key), envelope }
}
