import assert from 'node:assert/strict'
import { test } from 'node:test'
import { price } from './pricing.ts'

const rates = { USD: 1, EUR: 0.8, VND: 25_000 }
const lamp = { id: 'lamp', owner_id: 'o', name: 'Lamp', price: 1_250, currency_code: 'USD' }
const fan = { id: 'fan', owner_id: 'o', name: 'Fan', price: 50_000, currency_code: 'VND' }
const one = (product_id: string, quantity = 1) => ({ product_id, quantity })

test('lines are priced as quoted, and the same product may stand on two lines', () => {
  assert.deepEqual(price([one('lamp', 2), one('lamp')], [lamp], 'USD', rates), {
    lines: [
      { product_id: 'lamp', name: 'Lamp', price: 1_250, quantity: 2, seller_id: 'o' },
      { product_id: 'lamp', name: 'Lamp', price: 1_250, quantity: 1, seller_id: 'o' },
    ],
    amount: 3_750,
    currency_code: 'USD',
  })
})

test('another currency is converted in minor units, dong have none, and the rate is kept', () => {
  const sale = price([one('lamp', 2), one('fan')], [lamp, fan], 'VND', rates)
  assert.ok('lines' in sale)
  assert.deepEqual(
    sale.lines.map((line) => line.price),
    [312_500, 50_000],
  )
  assert.equal(sale.amount, 675_000)
  assert.deepEqual(sale.rates, { USD: 25_000 })
})

test('a price is rounded half up, and what costs something never becomes free', () => {
  const cheap = { ...fan, price: 1 }
  const sale = price([one('fan')], [cheap], 'USD', rates)
  assert.ok('lines' in sale)
  assert.equal(sale.amount, 1)
  const half = price([one('fan')], [{ ...fan, price: 625 }], 'USD', rates)
  assert.ok('lines' in half)
  assert.equal(half.amount, 3)
})

test('every product that is not on sale is named by its place', () => {
  const refused = price([one('lamp'), one('x'), one('y')], [lamp], 'USD', rates)
  assert.ok('refused' in refused)
  assert.equal(refused.refused, 'unknown-product')
  assert.deepEqual(
    refused.errors.map(({ pointer }) => pointer),
    ['/order_items/1/product_id', '/order_items/2/product_id'],
  )
})

test('a currency without a rate is refused, unless the product is priced in it', () => {
  const refused = price([one('lamp')], [lamp], 'XAU', rates)
  assert.ok('refused' in refused)
  assert.equal(refused.refused, 'currency-not-accepted')
  const same = price([one('lamp')], [{ ...lamp, currency_code: 'XAU' }], 'XAU', rates)
  assert.ok('lines' in same)
})

test('a million million minor units can be paid, one more cannot', () => {
  const dear = { ...lamp, price: 1_000_000 }
  const most = price([one('lamp', 1_000_000)], [dear], 'USD', rates)
  assert.ok('lines' in most)
  const more = price([one('lamp', 1_000_000)], [{ ...dear, price: 1_000_001 }], 'USD', rates)
  assert.ok('refused' in more)
  assert.equal(more.refused, 'amount-too-large')
})
