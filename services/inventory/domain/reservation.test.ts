import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CommitStock, ReleaseStock, ReserveStock } from '@argosy/contracts/messages/inventory'
import { StockCommitted, StockRefused, StockReleased, StockReserved } from '@argosy/contracts/messages/inventory'
import type { Reservation } from './books.ts'
import { decide, ImpossibleCommand } from './reservation.ts'
import type { StockCommand } from './reservation.ts'

const purchase = '01930000-0000-7000-8000-0000000000a1'
const other = '01930000-0000-7000-8000-0000000000a2'
const lamp = '01930000-0000-7000-8000-0000000000b1'
const chair = '01930000-0000-7000-8000-0000000000b2'
const unknown = '01930000-0000-7000-8000-0000000000b9'

const reserve = (...lines: readonly (readonly [string, number])[]) => reserveFor(purchase, ...lines)
const reserveFor = (purchase_id: string, ...lines: readonly (readonly [string, number])[]) =>
  ReserveStock({ purchase_id, lines: lines.map(([product_id, quantity]) => ({ product_id, quantity })) })
const release = ReleaseStock({ purchase_id: purchase })
const commit = CommitStock({ purchase_id: purchase })

const reserved = StockReserved({ purchase_id: purchase })
const released = StockReleased({ purchase_id: purchase })
const committed = StockCommitted({ purchase_id: purchase })
const releasedBefore = StockRefused({ purchase_id: purchase, reason: 'released-before' })

/** Ten lamps and five chairs, nothing reserved. */
const house = [
  { product_id: lamp, on_hand: 10, reserved: 0 },
  { product_id: chair, on_hand: 5, reserved: 0 },
]
const inHouse = (...commands: readonly StockCommand[]) => decide(house, [], commands)

test('stock that is there is reserved, not taken from the house', () => {
  const { replies, stock } = inHouse(reserve([lamp, 3]))
  assert.deepEqual(replies, [reserved])
  assert.deepEqual(stock, [{ product_id: lamp, on_hand: 10, reserved: 3 }])
})

test('the last unit can be reserved, one more cannot', () => {
  assert.deepEqual(inHouse(reserve([lamp, 10])).replies, [reserved])
  assert.deepEqual(inHouse(reserve([lamp, 11])).replies, [
    StockRefused({ purchase_id: purchase, reason: 'out-of-stock', product_id: lamp }),
  ])
})

test('all lines or none: a purchase whose second line is short keeps nothing of the first', () => {
  const { replies, stock, reservations } = inHouse(reserve([lamp, 3], [chair, 6]))
  assert.deepEqual(replies, [StockRefused({ purchase_id: purchase, reason: 'out-of-stock', product_id: chair })])
  assert.deepEqual(stock, [])
  assert.equal(reservations[0]?.state, 'refused')
})

test('a product that has no stock record is refused by name', () => {
  assert.deepEqual(inHouse(reserve([lamp, 1], [unknown, 1])).replies, [
    StockRefused({ purchase_id: purchase, reason: 'unknown-product', product_id: unknown }),
  ])
})

test('the same product on two lines counts together, and is released together', () => {
  assert.equal(inHouse(reserve([lamp, 6], [lamp, 5])).replies[0]?.type, StockRefused.type)
  assert.deepEqual(inHouse(reserve([lamp, 6], [lamp, 4])).stock, [{ product_id: lamp, on_hand: 10, reserved: 10 }])
  assert.deepEqual(inHouse(reserve([lamp, 6], [lamp, 4]), release).stock, [
    { product_id: lamp, on_hand: 10, reserved: 0 },
  ])
})

test('within a batch the first to ask is the first to get', () => {
  const { replies } = inHouse(reserveFor(purchase, [chair, 3]), reserveFor(other, [chair, 3]))
  assert.deepEqual(replies, [reserved, StockRefused({ purchase_id: other, reason: 'out-of-stock', product_id: chair })])
})

test('what one purchase releases the next in the batch can have', () => {
  const { replies } = inHouse(reserve([chair, 5]), release, reserveFor(other, [chair, 5]))
  assert.deepEqual(replies, [reserved, released, StockReserved({ purchase_id: other })])
})

test('committed units leave the house; the sale names its purchases', () => {
  const { replies, stock, sales } = inHouse(reserve([lamp, 3]), commit)
  assert.deepEqual(replies, [reserved, committed])
  assert.deepEqual(stock, [{ product_id: lamp, on_hand: 7, reserved: 0 }])
  assert.deepEqual(sales, [{ product_id: lamp, quantity: 3, purchase_ids: [purchase] }])
})

// Every state a purchase's stock can be in, and every command: the answer, and how the lamps (10 on hand) then stand.
const lines = [{ product_id: lamp, quantity: 4 }]
const refusal = { reason: 'out-of-stock', product_id: lamp } as const
const outOfStock = StockRefused({ purchase_id: purchase, ...refusal })
const states: Readonly<Record<string, Reservation | undefined>> = {
  none: undefined,
  reserved: { purchase_id: purchase, state: 'reserved', lines },
  refused: { purchase_id: purchase, state: 'refused', lines: [], refusal },
  released: { purchase_id: purchase, state: 'released', lines },
  'released before': { purchase_id: purchase, state: 'released', lines: [] },
  committed: { purchase_id: purchase, state: 'committed', lines },
}
const table = [
  ['none', reserve([lamp, 4]), reserved, { on_hand: 10, reserved: 4 }],
  ['none', release, released, undefined],
  ['none', commit, ImpossibleCommand, undefined],
  ['reserved', reserve([lamp, 4]), reserved, undefined],
  ['reserved', release, released, { on_hand: 10, reserved: 0 }],
  ['reserved', commit, committed, { on_hand: 6, reserved: 0 }],
  ['refused', reserve([lamp, 4]), outOfStock, undefined],
  ['refused', release, released, undefined],
  ['refused', commit, ImpossibleCommand, undefined],
  ['released', reserve([lamp, 4]), releasedBefore, undefined],
  ['released', release, released, undefined],
  ['released', commit, ImpossibleCommand, undefined],
  ['released before', reserve([lamp, 4]), releasedBefore, undefined],
  ['released before', release, released, undefined],
  ['released before', commit, ImpossibleCommand, undefined],
  ['committed', reserve([lamp, 4]), reserved, undefined],
  ['committed', release, ImpossibleCommand, undefined],
  ['committed', commit, committed, undefined],
] as const

for (const [state, command, outcome, stands] of table) {
  test(`${command.type} of a purchase whose stock is ${state}`, () => {
    const reservation = states[state]
    const stock = [{ product_id: lamp, on_hand: 10, reserved: reservation?.state === 'reserved' ? 4 : 0 }]
    const known = reservation === undefined ? [] : [reservation]
    if (outcome === ImpossibleCommand) {
      assert.throws(() => decide(stock, known, [command]), ImpossibleCommand)
      return
    }
    const decision = decide(stock, known, [command])
    assert.deepEqual(decision.replies, [outcome])
    assert.deepEqual(decision.stock, stands === undefined ? [] : [{ product_id: lamp, ...stands }])
  })
}
