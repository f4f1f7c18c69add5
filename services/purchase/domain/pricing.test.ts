import assert from 'node:assert/strict'
import { test } from 'node:test'
import { amountOf } from '@argosy/contracts/line'
import fc from 'fast-check'
import { price } from './pricing.ts'

const rates = { USD: '1', EUR: '0.8', VND: '25000' }
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

/** What so many at a price cost: the line's price and amount, and what the purchase costs. */
const cost = (price_: number, from: string, quantity: number, to: string, table: Readonly<Record<string, string>>) => {
  const sale = price([one('lamp', quantity)], [{ ...lamp, price: price_, currency_code: from }], to, table)
  assert.ok('lines' in sale)
  const [line] = sale.lines
  assert.ok(line)
  assert.equal(amountOf(line), sale.amount)
  return [line.price, sale.amount]
}

const defaults = { USD: '1', EUR: '0.92', GBP: '0.79', JPY: '155', VND: '25400' }

test('a line is converted as a whole: many pay no less for each than one does', () => {
  // $30.00 at 0.79 is £23.70; at two pence each it would be £20.00.
  assert.deepEqual(cost(3, 'USD', 1_000, 'GBP', defaults), [2, 2_370])
  assert.deepEqual(cost(7, 'USD', 1_000, 'EUR', defaults), [6, 6_440])
  assert.deepEqual(cost(8, 'USD', 1_000, 'JPY', defaults), [12, 12_400])
  assert.deepEqual(cost(3, 'USD', 1, 'GBP', defaults), [2, 2])
})

test('the amount of a line is kept where it is not its price for each of the quantity', () => {
  const sale = price([one('lamp', 3), one('lamp', 2), one('fan', 9)], [{ ...lamp, price: 3 }, fan], 'EUR', rates)
  assert.ok('lines' in sale)
  assert.deepEqual(
    sale.lines.map((line) => [line.price, line.quantity, line.amount]),
    [
      [2, 3, 7],
      [2, 2, 5],
      [160, 9, undefined],
    ],
  )
  assert.equal(sale.amount, 7 + 5 + 1_440)
})

test('a sum is rounded half up, half a cent too that floating-point numbers lose', () => {
  assert.deepEqual(cost(625, 'VND', 1, 'USD', rates), [3, 3])
  assert.deepEqual(cost(624, 'VND', 1, 'USD', rates), [2, 2])
  assert.deepEqual(cost(889, 'VND', 1, 'USD', defaults), [4, 4])
  assert.deepEqual(cost(888, 'VND', 1, 'USD', defaults), [3, 3])
  assert.deepEqual(cost(50, 'USD', 1, 'EUR', { USD: '1', EUR: '0.29' }), [15, 15])
  assert.deepEqual(cost(100, 'USD', 1, 'EUR', { USD: '1', EUR: '1.005' }), [101, 101])
})

test('no line is more than half a minor unit off, and the purchase costs what its lines cost', () => {
  const rate = fc.tuple(fc.bigInt(1n, 10n ** 6n), fc.integer({ min: 1, max: 6 }))
  const line = fc.record({ price: fc.integer({ min: 0, max: 10_000 }), quantity: fc.integer({ min: 1, max: 1_000 }) })
  const written = ([digits, scale]: readonly [bigint, number]) => `0.${String(digits).padStart(scale, '0')}`
  const worth = (decimal: string) => [BigInt(decimal.replace('.', '')), 10n ** BigInt(decimal.length - 2)] as const
  fc.assert(
    fc.property(rate, rate, fc.array(line, { minLength: 1, maxLength: 5 }), (dollar, dinar, asked) => {
      const table = { USD: written(dollar), KWD: written(dinar) }
      const products = asked.map(({ price: cents }, n) => ({ ...lamp, id: `lamp${n}`, price: cents }))
      const wanted = asked.map(({ quantity }, n) => one(`lamp${n}`, quantity))
      const sale = price(wanted, products, 'KWD', table)
      if ('refused' in sale) return assert.equal(sale.refused, 'amount-too-large')
      assert.equal(
        sale.lines.map(amountOf).reduce((sum, amount) => sum + amount, 0),
        sale.amount,
      )
      const [[usd, usdParts], [kwd, kwdParts]] = [worth(table.USD), worth(table.KWD)]
      for (const [n, sold] of sale.lines.entries()) {
        const { price: cents, quantity } = asked[n] ?? { price: 0, quantity: 0 }
        // Both sides times usd * kwdParts: a dinar has ten times the minor units of a dollar.
        const exact = BigInt(cents) * BigInt(quantity) * 10n * kwd * usdParts
        const off = BigInt(amountOf(sold)) * usd * kwdParts - exact
        const half = usd * kwdParts
        assert.ok((2n * off <= half && 2n * off > -half) || (amountOf(sold) === 1 && exact > 0n))
      }
      return undefined
    }),
  )
})

test('what costs something never becomes free, and what is free costs nothing', () => {
  assert.deepEqual(cost(1, 'VND', 1, 'USD', rates), [1, 1])
  assert.deepEqual(cost(1, 'VND', 1_000, 'USD', rates), [1, 4])
  assert.deepEqual(cost(0, 'VND', 1_000, 'USD', rates), [0, 0])
})

test('minor units are those of ISO 4217', () => {
  const table = { USD: '1', IDR: '16000', HUF: '350.5', COP: '4000', PKR: '280', IQD: '1310', CLF: '0.025', KWD: '0.3' }
  assert.deepEqual(cost(10_000, 'USD', 1, 'IDR', table), [160_000_000, 160_000_000])
  assert.deepEqual(cost(10_000, 'USD', 1, 'HUF', table), [3_505_000, 3_505_000])
  assert.deepEqual(cost(10_000, 'USD', 1, 'COP', table), [40_000_000, 40_000_000])
  assert.deepEqual(cost(10_000, 'USD', 1, 'PKR', table), [2_800_000, 2_800_000])
  assert.deepEqual(cost(10_000, 'USD', 1, 'IQD', table), [131_000_000, 131_000_000])
  assert.deepEqual(cost(10_000, 'USD', 1, 'CLF', table), [25_000, 25_000])
  assert.deepEqual(cost(30_000, 'KWD', 1, 'USD', table), [10_000, 10_000])
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
  const refused = price([one('lamp')], [lamp], 'CHF', rates)
  assert.ok('refused' in refused)
  assert.deepEqual(
    [refused.refused, refused.detail],
    ['currency-not-accepted', 'The store has no rate from USD to CHF.'],
  )
  const same = price([one('lamp')], [{ ...lamp, currency_code: 'CHF' }], 'CHF', rates)
  assert.ok('lines' in same)
})

test('what is no currency of ISO 4217 is refused, even where the table or a product has it', () => {
  for (const code of ['XAU', 'XTS', 'ZZZ']) {
    const refused = price([one('lamp')], [{ ...lamp, currency_code: code }], code, { ...rates, [code]: '1' })
    assert.ok('refused' in refused)
    assert.deepEqual(
      [refused.refused, refused.detail],
      ['currency-not-accepted', `${code} is no active currency of ISO 4217 that has a minor unit.`],
    )
  }
})

test('a million million minor units can be paid, one more cannot', () => {
  const dear = { ...lamp, price: 1_000_000 }
  const most = price([one('lamp', 1_000_000)], [dear], 'USD', rates)
  assert.ok('lines' in most)
  const more = price([one('lamp', 1_000_000)], [{ ...dear, price: 1_000_001 }], 'USD', rates)
  assert.ok('refused' in more)
  assert.equal(more.refused, 'amount-too-large')
})

test('what is more than numbers can hold is too large as well', () => {
  const dear = { ...lamp, price: Number.MAX_SAFE_INTEGER }
  const refused = price([one('lamp', 1_000_000), one('lamp', 1_000_000)], [dear], 'VND', rates)
  assert.ok('refused' in refused)
  assert.equal(refused.refused, 'amount-too-large')
})
