import type { RecordsBatch } from '@platformatic/kafka'
import type { Delivery, TopicPartition } from '../log.ts'
import { withWriter, type Epochs } from './position.ts'
import { toldBy } from './records.ts'

/** The attribute of a batch that is the mark of a transaction, and no messages. */
const CONTROL = 0b100000

/** A message, and the epochs that are known once it is read. */
export type Fetched = { readonly offset: bigint; readonly delivery: Delivery; readonly epochs: Epochs }

/** A partition that is read: from where on, and what has been fetched. */
export type Reading = TopicPartition & {
  /** Unknown until the first fetch of a group that begins. */
  topicId: string | undefined
  /** The offset to fetch next. */
  next: bigint
  /** The offset behind the last message that there was at the last fetch; unknown until the first. */
  end?: bigint
  /** Of all that was fetched. */
  epochs: Epochs
  fetched: Fetched[]
}

/** Whether the batch had messages that are new. The broker sends whole batches, from before the offset that was asked for. */
export const append = (reading: Reading, batch: RecordsBatch): boolean => {
  const before = reading.fetched.length
  if ((batch.attributes & CONTROL) === 0) {
    for (const record of batch.records) {
      const offset = batch.firstOffset + BigInt(record.offsetDelta)
      if (offset < reading.next) continue
      const { delivery, writer } = toldBy(reading, offset, record)
      const epochs = withWriter(reading.epochs, writer)
      // Written by a process that had stood still, after another had taken over and written the same.
      if (epochs === undefined) continue
      reading.epochs = epochs
      reading.fetched.push({ offset, delivery, epochs })
    }
  }
  const next = batch.firstOffset + BigInt(batch.lastOffsetDelta) + 1n
  if (next > reading.next) reading.next = next
  return reading.fetched.length > before
}
