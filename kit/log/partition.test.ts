import assert from 'node:assert/strict'
import { test } from 'node:test'
import { systemPlatform } from '@kit/platform/system'
import { partitionOf, PARTITIONS } from './partition.ts'

test('the partition of a key never changes', () => {
  assert.equal(partitionOf('018f3e5a-0000-7000-8000-000000000001'), 1)
  assert.equal(partitionOf(''), 0)
})

test('ids made one after the other spread over all partitions', () => {
  const { newId } = systemPlatform()
  const used = Array.from({ length: 4000 }, () => partitionOf(newId()))
  for (let partition = 0; partition < PARTITIONS; partition++) {
    const count = used.filter((one) => one === partition).length
    assert.ok(count > 850 && count < 1150, `partition ${partition} has ${count} of 4000`)
  }
})
