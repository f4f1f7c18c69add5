import assert from 'node:assert/strict'
import { test } from 'node:test'
import { percentilesOf } from './percentiles.ts'

test('percentiles are by nearest rank', () => {
  const hundred = Array.from({ length: 100 }, (_, i) => 100 - i)
  assert.deepEqual(percentilesOf(hundred), { n: 100, p50: 50, p95: 95, p99: 99, max: 100 })
})

test('one value is every percentile', () => {
  assert.deepEqual(percentilesOf([7]), { n: 1, p50: 7, p95: 7, p99: 7, max: 7 })
})
