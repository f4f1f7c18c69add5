import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CommitStock, ReleaseStock, ReserveStock, StockReserved } from '@argosy/contracts/messages/inventory'
import fc from 'fast-check'
import type { Reservation } from './books.ts'
import { decide, ImpossibleCommand } from './reservation.ts'
import type { StockCommand, StockReply } from './reservation.ts'
import type { Stock } from './stock.ts'

// Any purchases, any commands in any order and any batches: the laws of stock hold after every batch.

const PRODUCTS = [0, 1, 2].map((n) => `01930000-0000-7000-8000-0000000000b${n}`)
const OPENED = 12

const line = fc.record({ product_id: fc.constantFrom(...PRODUCTS), quantity: fc.integer({ min: 1, max: 8 }) })
const purchase = fc.integer({ min: 0, max: 7 }).map((n) => `01930000-0000-7000-8000-0000000000a${n}`)
const command: fc.Arbitrary<StockCommand> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({ purchase_id: purchase, lines: fc.array(line, { maxLength: 4 }) }).map(ReserveStock),
  },
  { weight: 2, arbitrary: fc.record({ purchase_id: purchase }).map(CommitStock) },
  { weight: 1, arbitrary: fc.record({ purchase_id: purchase }).map(ReleaseStock) },
)
const batches = fc.array(fc.array(command, { minLength: 1, maxLength: 10 }), { maxLength: 8 })

/** What is stored between batches. */
type House = {
  readonly stock: Map<string, Stock>
  readonly reservations: Map<string, Reservation>
  readonly sold: Map<string, number>
  readonly replies: StockReply[]
}
const newHouse = (): House => ({
  stock: new Map(PRODUCTS.map((product_id) => [product_id, { product_id, on_hand: OPENED, reserved: 0 }])),
  reservations: new Map(),
  sold: new Map(PRODUCTS.map((product_id) => [product_id, 0])),
  replies: [],
})

/** Like the shell: a batch that faults is halved, what faults alone is put aside. */
const deliver = (house: House, batch: readonly StockCommand[]): void => {
  try {
    const decision = decide(house.stock.values(), house.reservations.values(), batch)
    for (const one of decision.stock) house.stock.set(one.product_id, one)
    for (const one of decision.reservations) house.reservations.set(one.purchase_id, one)
    for (const { product_id, quantity } of decision.sales)
      house.sold.set(product_id, (house.sold.get(product_id) ?? 0) + quantity)
    house.replies.push(...decision.replies)
  } catch (error) {
    if (!(error instanceof ImpossibleCommand)) throw error
    if (batch.length === 1) return
    const half = Math.ceil(batch.length / 2)
    deliver(house, batch.slice(0, half))
    deliver(house, batch.slice(half))
  }
}

const unitsIn = (house: House, state: Reservation['state'], product_id: string): number =>
  [...house.reservations.values()]
    .filter((reservation) => reservation.state === state)
    .flatMap(({ lines }) => lines)
    .filter((line) => line.product_id === product_id)
    .reduce((sum, { quantity }) => sum + quantity, 0)

const checkLaws = (house: House): void => {
  for (const product_id of PRODUCTS) {
    const { on_hand, reserved } = house.stock.get(product_id) ?? { on_hand: -1, reserved: -1 }
    assert.ok(reserved >= 0 && on_hand >= reserved, `oversold: ${on_hand} on hand, ${reserved} reserved`)
    assert.equal(reserved, unitsIn(house, 'reserved', product_id))
    assert.equal(OPENED - on_hand, unitsIn(house, 'committed', product_id))
    assert.equal(OPENED - on_hand, house.sold.get(product_id))
  }
}

test('no sequence of batches oversells, loses or doubles a unit', () => {
  fc.assert(
    fc.property(batches, (all) => {
      const house = newHouse()
      for (const batch of all) {
        deliver(house, batch)
        checkLaws(house)
      }
    }),
    { numRuns: 500 },
  )
})

test('a batch decides what its commands one by one would', () => {
  fc.assert(
    fc.property(batches, (all) => {
      const together = newHouse()
      const oneByOne = newHouse()
      for (const batch of all) deliver(together, batch)
      for (const one of all.flat()) deliver(oneByOne, [one])
      assert.deepEqual(together, oneByOne)
    }),
  )
})

test('each command delivered twice has the effect and the answer of once', () => {
  fc.assert(
    fc.property(batches, (all) => {
      const once = newHouse()
      const twice = newHouse()
      for (const one of all.flat()) {
        deliver(once, [one])
        deliver(twice, [one, one])
      }
      assert.deepEqual(twice.stock, once.stock)
      assert.deepEqual(twice.reservations, once.reservations)
      assert.deepEqual(
        twice.replies.filter((_, i) => i % 2 === 0),
        once.replies,
      )
      assert.deepEqual(
        twice.replies.filter((_, i) => i % 2 === 1),
        once.replies,
      )
    }),
  )
})

test('a run on one product sells all there is and not one more', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 20, maxLength: 40 }), (quantities) => {
      const [product_id = ''] = PRODUCTS
      const id = (n: number): string => `01930000-0000-7000-8000-${String(n).padStart(12, '0')}`
      const house = newHouse()
      deliver(
        house,
        quantities.map((quantity, n) => ReserveStock({ purchase_id: id(n), lines: [{ product_id, quantity }] })),
      )
      deliver(
        house,
        house.replies
          .filter(({ type }) => type === StockReserved.type)
          .map(({ data }) => CommitStock({ purchase_id: data.purchase_id })),
      )
      checkLaws(house)
      const left = house.stock.get(product_id)?.on_hand ?? -1
      // Whoever was refused asked for more than was left then, and never less is left than after the last.
      assert.ok(left < 3 && left >= 0)
      assert.equal(house.sold.get(product_id), OPENED - left)
    }),
  )
})
