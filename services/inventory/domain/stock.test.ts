import assert from 'node:assert/strict'
import { test } from 'node:test'
import { adjust, available, count } from './stock.ts'

const stock = { product_id: '01930000-0000-7000-8000-0000000000b1', on_hand: 10, reserved: 4 }

test('available is what is on hand and not reserved', () => {
  assert.equal(available(stock), 6)
})

test('units are added and taken away down to what is reserved', () => {
  assert.deepEqual(adjust(stock, 5), { ...stock, on_hand: 15 })
  assert.deepEqual(adjust(stock, -6), { ...stock, on_hand: 4 })
  assert.deepEqual(adjust(stock, -7), { refused: 'stock-below-reserved', reserved: 4 })
})

test('a count never goes below what is reserved', () => {
  assert.deepEqual(count(stock, 4), { ...stock, on_hand: 4 })
  assert.deepEqual(count(stock, 3), { refused: 'stock-below-reserved', reserved: 4 })
})
