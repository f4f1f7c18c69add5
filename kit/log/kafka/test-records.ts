import type { KafkaRecord, RecordsBatch } from '@platformatic/kafka'
import type { Envelope } from '../log.ts'
import type { Writer } from './position.ts'
import { toRecord, type OutgoingRecord } from './records.ts'

/** What a reader finds of a record that somebody has written. */
export const asRead = ({ key, value, headers }: Pick<OutgoingRecord, 'key' | 'value' | 'headers'>): KafkaRecord => ({
  length: 0,
  attributes: 0,
  timestampDelta: 0n,
  offsetDelta: 0,
  key: key === undefined ? null : Buffer.from(key),
  value: value === undefined ? null : Buffer.from(value),
  headers: Object.entries(headers ?? {}).map(([name, text]) => [Buffer.from(name), Buffer.from(String(text))]),
})

/** A record as a relay writes it; its data is the number. */
export const relayed = (n: number, writer: Writer): KafkaRecord => {
  const envelope: Envelope = { id: `message ${n}`, type: 'note.added.v1', partitionkey: 'a', data: n }
  return asRead(toRecord({ topic: 'notes', partition: 0, envelope }, writer, 0))
}

/** Records as the broker keeps them, one after the other from this offset on. `control`: marks of transactions. */
export const batchOf = (
  firstOffset: bigint,
  records: readonly KafkaRecord[],
  { control = false } = {},
): RecordsBatch => ({
  firstOffset,
  length: 0,
  partitionLeaderEpoch: 0,
  magic: 2,
  crc: 0,
  attributes: control ? 0b100000 : 0,
  lastOffsetDelta: records.length - 1,
  firstTimestamp: 0n,
  maxTimestamp: 0n,
  producerId: -1n,
  producerEpoch: -1,
  firstSequence: 0,
  records: records.map((record, offsetDelta) => ({ ...record, offsetDelta })),
})
