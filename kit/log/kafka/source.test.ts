// Which messages a reader gets and where its checkpoint goes, of records made by hand; on real brokers: `npm run test:cluster`.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openLog } from '@kit/telemetry/log'
import type { RecordsBatch } from '@platformatic/kafka'
import { placeOf, type Batch, type Position } from '../log.ts'
import { append, type Reading } from './reading.ts'
import { KafkaSource } from './source.ts'
import { batchOf, relayed } from './test-records.ts'

const topicId = '018f3e5a-0000-4000-8000-0000000000ff'
const place = { topic: 'notes', partition: 0 }
const first = { database: 'a', epoch: 1n }
const second = { database: 'a', epoch: 2n }

/** A reader that begins at a position, and what has been fetched for it. */
const readerAt = (position: Position) => {
  const readings = new Map<string, Reading>()
  const source = new KafkaSource(
    {
      address: { client: { bootstrapBrokers: [] }, named: (name) => name },
      group: 'board',
      topics: ['notes'],
      arrived: () => undefined,
      log: openLog({ level: 'silent' }),
      owned: () => [place],
      passed: () => undefined,
      leave: () => undefined,
    },
    { readings, kick: () => undefined, complaint: () => undefined, [Symbol.asyncDispose]: async () => undefined },
  )
  const seek = (at: Position): void => source.seek(new Map([[placeOf(place), at]]))
  seek(position)
  const fetch = (batch: RecordsBatch): void => {
    const reading = readings.get(placeOf(place))
    assert.ok(reading)
    append(reading, batch)
    reading.end = batch.firstOffset + BigInt(batch.lastOffsetDelta) + 1n
  }
  /** As fetching does when the brokers have made the topic anew. */
  const makeAnew = (id: string): void =>
    void readings.set(placeOf(place), { ...place, topicId: id, next: 0n, epochs: new Map(), fetched: [] })
  return { source, seek, fetch, makeAnew, read: () => source.read([place]) }
}

const numbers = ({ deliveries }: Batch): readonly unknown[] => deliveries.map(({ envelope }) => envelope.data)

const upTo = (from: number, to: number): readonly number[] =>
  Array.from({ length: to - from }, (_, index) => from + index)

const written = (from: number, to: number): RecordsBatch =>
  batchOf(
    BigInt(from),
    upTo(from, to).map((n) => relayed(n, first)),
  )

test('the checkpoint goes to behind the last message that is handed out, whatever has been fetched beyond it', async () => {
  const reader = readerAt(`0@${topicId}`)
  reader.fetch(written(0, 700))
  reader.fetch(written(700, 1_500))
  const batch = await reader.read()
  assert.equal(batch.more, true)
  assert.deepEqual(batch.moves, [{ ...place, from: `0@${topicId}`, to: `1000@${topicId};a=1` }])
  // Killed now, another goes on from the checkpoint.
  const heir = readerAt(batch.moves[0]?.to ?? '')
  heir.fetch(written(700, 1_500))
  assert.deepEqual(numbers(await heir.read()), upTo(1_000, 1_500))
})

test('what was read is handed out again until it is said to be handled', async () => {
  const reader = readerAt(`0@${topicId}`)
  reader.fetch(written(0, 3))
  const batch = await reader.read()
  assert.deepEqual(numbers(batch), [0, 1, 2])
  reader.seek(`0@${topicId}`)
  assert.deepEqual(await reader.read(), batch)
  reader.source.passed(batch)
  assert.deepEqual(await reader.read(), { deliveries: [], moves: [], more: false, behind: false })
})

test('a reader is behind until all has come that was there', async () => {
  const reader = readerAt(`0@${topicId}`)
  assert.equal((await reader.read()).behind, true)
  reader.fetch(written(0, 3))
  assert.equal((await reader.read()).behind, false)
})

test('a reader that begins within a batch of the broker skips what is before', async () => {
  const reader = readerAt(`12@${topicId}`)
  reader.fetch(written(10, 15))
  assert.deepEqual(numbers(await reader.read()), [12, 13, 14])
})

test("marks of somebody's transactions are no messages", async () => {
  const reader = readerAt(`0@${topicId}`)
  reader.fetch(written(0, 1))
  reader.fetch(batchOf(1n, [relayed(1, first)], { control: true }))
  reader.fetch(written(2, 3))
  const batch = await reader.read()
  assert.deepEqual(numbers(batch), [0, 2])
  assert.equal(batch.moves[0]?.to, `3@${topicId};a=1`)
})

test('what a relay writes after another has taken over is passed over, by readers that begin later too', async () => {
  const reader = readerAt(`0@${topicId}`)
  // The first stands still before it writes 1 and 2; the second writes them, and 3; then the first goes on.
  reader.fetch(batchOf(0n, [relayed(0, first), relayed(1, second), relayed(2, second)]))
  reader.fetch(batchOf(3n, [relayed(1, first), relayed(2, first), relayed(3, second)]))
  assert.deepEqual(numbers(await reader.read()), [0, 1, 2, 3])
  const later = readerAt(`3@${topicId};a=2`)
  later.fetch(batchOf(3n, [relayed(1, first), relayed(2, first), relayed(3, second)]))
  assert.deepEqual(numbers(await later.read()), [3])
})

test('epochs of another database stand for themselves', async () => {
  const reader = readerAt(`0@${topicId};a=2`)
  reader.fetch(batchOf(0n, [relayed(0, { database: 'b', epoch: 1n }), relayed(1, second)]))
  const batch = await reader.read()
  assert.deepEqual(numbers(batch), [0, 1])
  assert.equal(batch.moves[0]?.to, `2@${topicId};a=2;b=1`)
})

test('what comes in a topic that was made anew is not taken for what was handled of the old one', async () => {
  const reader = readerAt(`0@${topicId}`)
  reader.fetch(written(0, 3))
  const batch = await reader.read()
  const other = '018f3e5a-0000-4000-8000-0000000000ee'
  reader.makeAnew(other)
  reader.fetch(written(0, 2))
  reader.source.passed(batch)
  const { deliveries, moves } = await reader.read()
  assert.deepEqual(
    deliveries.map(({ envelope }) => envelope.data),
    [0, 1],
  )
  assert.deepEqual(moves, [{ ...place, from: `3@${topicId};a=1`, to: `2@${other};a=1` }])
})
