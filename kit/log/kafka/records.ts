import type { KafkaRecord, MessageToProduce } from '@platformatic/kafka'
import type { Delivery, Envelope, TopicPartition } from '../log.ts'

export type OutgoingRecord = MessageToProduce<string, string, string, string>

// CloudEvents 1.0, Kafka protocol binding in binary mode: attributes are headers with `ce_`, the value is the data.
const PREFIX = 'ce_'
/** Optional parts of an envelope, each a header of its name. */
const EXTENSIONS = ['correlationid', 'causationid', 'traceparent', 'audience'] as const

/** A message as it goes to Kafka: its key is that by which messages keep their order. A repeat has the same `ce_id`. */
export const toRecord = ({ topic, partition, envelope }: Delivery): OutgoingRecord => {
  const headers: Record<string, string> = {
    'content-type': 'application/json',
    ce_specversion: '1.0',
    ce_id: envelope.id,
    ce_source: '/argosy',
    ce_type: envelope.type,
    ce_partitionkey: envelope.partitionkey,
  }
  for (const name of EXTENSIONS) {
    const value = envelope[name]
    if (value !== undefined) headers[PREFIX + name] = value
  }
  return { topic, partition, key: envelope.partitionkey, value: JSON.stringify(envelope.data), headers }
}

/**
 * A message as it came from Kafka. Whoever wrote it: what has no `ce_type` is of a type that nobody declares, and data that is
 * no JSON is left as it is, so that the shell parks it.
 */
export const toDelivery = (place: TopicPartition, offset: bigint, record: KafkaRecord): Delivery => {
  const headers = new Map(record.headers.map(([name, value]) => [String(name), String(value)]))
  const of = (name: string): string | undefined => headers.get(PREFIX + name)
  const envelope: Envelope = {
    id: of('id') ?? `${place.topic}/${place.partition}/${offset}`,
    type: of('type') ?? 'unknown',
    partitionkey: of('partitionkey') ?? String(record.key ?? ''),
    ...Object.fromEntries(EXTENSIONS.flatMap((name) => (headers.has(PREFIX + name) ? [[name, of(name)]] : []))),
    data: parsed(String(record.value ?? 'null')),
  }
  return { topic: place.topic, partition: place.partition, envelope }
}

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}
