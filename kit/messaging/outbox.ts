import type { Envelope, Partitioning } from '@kit/log/log'
import { topicOf } from '@kit/message/message'
import type { Message } from '@kit/message/message'
import type { Platform } from '@kit/platform/platform'
import { sql } from '@kit/postgres/statement'
import type { Tx } from '@kit/postgres/queryable'
import type { Cause } from './outgoing.ts'

const insertBatches = sql(import.meta.url, 'insert-batches.sql')

/** Columns of the rows that `insert-batches.sql` writes: one row per topic and partition, more when a row would grow too large. */
export type RecordBatches = {
  readonly topics: readonly string[]
  readonly partitions: readonly number[]
  /** JSON arrays of envelopes. */
  readonly messages: readonly string[]
  /** How many envelopes each has. */
  readonly sizes: readonly number[]
}

/** Above this many characters a row would leave its page; see toast_tuple_target in the log's migration. */
const ROW_SIZE = 7_000

type Row = { readonly topic: string; readonly partition: number; text: string; size: number }

export type Packing = {
  readonly platform: Platform
  readonly partitionOf: Partitioning['partitionOf']
  readonly causeOf?: ((key: string) => Cause | undefined) | undefined
  /** The only group that they are for. */
  readonly audience?: string | undefined
}

/** Packs messages into record batches; the order of messages of one key is kept. */
export const pack = (
  messages: readonly Message[],
  { platform, partitionOf, causeOf = () => undefined, audience }: Packing,
): RecordBatches => {
  const rows: Row[] = []
  const open = new Map<string, Row>()
  for (const message of messages) {
    const topic = topicOf(message)
    const partition = partitionOf(topic, message.key)
    const json = JSON.stringify(envelopeOf(message, platform, causeOf(message.key), audience))
    const place = `${topic}/${partition}`
    const current = open.get(place)
    if (current !== undefined && current.text.length + json.length < ROW_SIZE) {
      current.text += `,${json}`
      current.size++
    } else {
      const row = { topic, partition, text: `[${json}`, size: 1 }
      open.set(place, row)
      rows.push(row)
    }
  }
  return {
    topics: rows.map(({ topic }) => topic),
    partitions: rows.map(({ partition }) => partition),
    messages: rows.map(({ text }) => `${text}]`),
    sizes: rows.map(({ size }) => size),
  }
}

/** Appends messages to the log in the caller's transaction; does not wait for the answer, the commit does. */
export const append = (tx: Tx, { topics, partitions, messages, sizes }: RecordBatches): void => {
  if (topics.length > 0) void tx.query(insertBatches, [topics, partitions, messages, sizes])
}

const envelopeOf = (
  message: Message,
  platform: Platform,
  cause: Cause | undefined,
  audience: string | undefined,
): Envelope => ({
  id: platform.newId(),
  type: message.type,
  partitionkey: message.key,
  ...(cause?.correlationid === undefined || cause.correlationid === message.key
    ? {}
    : { correlationid: cause.correlationid }),
  ...(cause?.id === undefined ? {} : { causationid: cause.id }),
  ...(cause?.traceparent === undefined ? {} : { traceparent: cause.traceparent }),
  ...(audience === undefined ? {} : { audience }),
  data: message.data,
})
