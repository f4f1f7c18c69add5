import assert from 'node:assert/strict'
import { test } from 'node:test'
import { kafkaPartitioning } from './partitioning.ts'

/** What Java's `Utils.toPositive(Utils.murmur2(key))` of Kafka 4.4 says. */
const JAVA: readonly (readonly [key: string, hash: number])[] = [
  ['', 275_646_681],
  ['21', 1_173_551_340],
  ['abc', 479_470_107],
  ['foobar', 1_357_151_166],
  ['a-little-bit-long-string', 1_161_502_112],
  ['a-little-bit-longer-string', 661_178_819],
  ['lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8', 2_088_585_677],
  ['018f3e5a-0000-7000-8000-000000000001', 1_188_102_682],
  ['Zürich', 596_342_833],
  ['注文', 1_655_708_511],
]

for (const partitions of [1, 4, 12, 1_000]) {
  test(`of ${partitions} partitions a key is in the one in which Java's clients put it`, () => {
    const { partitionOf } = kafkaPartitioning(partitions)
    for (const [key, hash] of JAVA) assert.equal(partitionOf('notes', key), hash % partitions, key)
  })
}

test('every topic is cut alike', () => {
  const { partitions, partitionOf } = kafkaPartitioning(12)
  assert.equal(partitions('orders'), 12)
  assert.equal(partitionOf('orders', 'foobar'), partitionOf('notes', 'foobar'))
})
