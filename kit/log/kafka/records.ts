import type { KafkaRecord, MessageToProduce } from '@platformatic/kafka'
import type { Delivery, Envelope, TopicPartition } from '../log.ts'
import { writerOf, writerText, type Writer } from './position.ts'

export type OutgoingRecord = MessageToProduce<string, string, string, string>

// CloudEvents 1.0, Kafka protocol binding in binary mode: attributes are headers with `ce_`, the value is the data.
const PREFIX = 'ce_'
/** Which relay has written it. */
const WRITER = 'relay'
/** Optional parts of an envelope, each a header of its name. */
const EXTENSIONS = ['correlationid', 'causationid', 'traceparent', 'audience', 'had'] as const

/** Headers that are read; the key is CloudEvents' `partitionkey`. */
const PART_OF: ReadonlyMap<string, typeof WRITER | 'id' | 'type' | (typeof EXTENSIONS)[number]> = new Map([
  [WRITER, WRITER],
  ...(['id', 'type', ...EXTENSIONS] as const).map((name) => [PREFIX + name, name] as const),
])

/**
 * A message as it goes to Kafka, `now` in ms of the Unix epoch: its key is that by which messages keep their order. A repeat has the
 * same `ce_id`.
 */
export const toRecord = ({ topic, partition, envelope }: Delivery, writer: Writer, now: number): OutgoingRecord => {
  const headers: Record<string, string> = {
    [WRITER]: writerText(writer),
    'content-type': 'application/json',
    ce_specversion: '1.0',
    ce_id: envelope.id,
    ce_source: '/argosy',
    ce_type: envelope.type,
  }
  for (const name of EXTENSIONS) {
    const value = envelope[name]
    if (value !== undefined) headers[PREFIX + name] = value
  }
  const timestamp = madeAt(envelope.id, BigInt(now))
  return {
    topic,
    partition,
    key: envelope.partitionkey,
    value: JSON.stringify(envelope.data),
    headers,
    ...(timestamp !== undefined && { timestamp }),
  }
}

/**
 * When a message was made, in ms of the Unix epoch, as its UUIDv7 says: it waits from then on, for the brokers, too. Unknown for
 * another id; then the record has the time at which it is written. Never later than now: brokers refuse what comes from the future,
 * as what was made by a clock that was ahead, and would so for ever.
 */
const madeAt = (id: string, now: bigint): bigint | undefined => {
  const [, high, low] = /^([0-9a-f]{8})-([0-9a-f]{4})-7/.exec(id) ?? []
  if (high === undefined) return undefined
  const made = BigInt(`0x${high}${low}`)
  return made < now ? made : now
}

/** What a record says: the message, and the relay that has written it, if it was one. */
export type Told = { readonly delivery: Delivery; readonly writer: Writer | undefined }

/**
 * A message as it came from Kafka. Whoever wrote it: what has no `ce_type` is of a type that nobody declares, and data that is
 * no JSON is left as it is, so that the shell parks it.
 */
export const toldBy = ({ topic, partition }: TopicPartition, offset: bigint, record: KafkaRecord): Told => {
  const envelope: Mutable<Envelope> = {
    id: '',
    type: 'unknown',
    partitionkey: String(record.key ?? ''),
    // A group reads many messages of types that it does not handle.
    get data() {
      return parsed(String(record.value ?? 'null'))
    },
  }
  let writer: Writer | undefined
  for (const [name, value] of record.headers) {
    const part = PART_OF.get(String(name))
    if (part === WRITER) writer = writerOf(String(value))
    else if (part !== undefined) envelope[part] = String(value)
  }
  if (envelope.id === '') envelope.id = `${topic}/${partition}/${offset}`
  return { delivery: { topic, partition, envelope }, writer }
}

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] }

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}
