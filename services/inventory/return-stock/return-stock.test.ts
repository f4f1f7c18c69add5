import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CommitStock, ReserveStock, ReturnStock, StockReturned } from '@argosy/contracts/messages/inventory'
import { OpenStock, StockLevels } from '@argosy/contracts/rpc/inventory'
import { slice } from '@kit/testing/slice'
import type { Slice } from '@kit/testing/slice'
import { inventory } from '../service.ts'

// Every message is delivered three times here: twice in a row and once more at the end.

const id = (n: number): string => `01930000-0000-7000-8000-${String(n).padStart(12, '0')}`
const [lamp, chair] = [id(901), id(902)]
type Lines = readonly (readonly [string, number])[]
const linesOf = (lines: Lines) => lines.map(([product_id, quantity]) => ({ product_id, quantity }))
const giveBack = (n: number, refund: number, ...lines: Lines) =>
  ReturnStock({ purchase_id: id(n), refund_id: id(refund), lines: linesOf(lines) })

/** Ten of each are there; purchase 1 has bought three lamps and a chair. */
const open = async (): Promise<Slice> => {
  const shop = await slice(inventory)
  for (const product_id of [lamp, chair]) await shop.call(OpenStock, { product_id, quantity: 10 })
  const lines = linesOf([
    [lamp, 3],
    [chair, 1],
  ])
  await shop.deliver(ReserveStock({ purchase_id: id(1), lines }), CommitStock({ purchase_id: id(1) }))
  return shop
}
const onHand = async (shop: Slice): Promise<unknown> => {
  const { levels } = await shop.call(StockLevels, { product_ids: [lamp, chair] })
  return Object.fromEntries(levels.map(({ product_id, on_hand, available }) => [product_id, [available, on_hand]]))
}
const selectMoved = {
  name: 'moved',
  text: 'select product_id, sum(delta)::int as moved from movement group by product_id',
}

test('what comes back is on the shelf again, once, with its movement in the ledger', async () => {
  await using shop = await open()
  const told = await shop.deliver(giveBack(1, 11, [lamp, 2], [chair, 1]))
  assert.deepEqual(told, [StockReturned({ purchase_id: id(1), refund_id: id(11) })])
  assert.deepEqual(await onHand(shop), { [lamp]: [9, 9], [chair]: [10, 10] })
  const moved = await shop.db.query<{ product_id: string; moved: number }>(selectMoved)
  assert.deepEqual(
    new Map(moved.map((one) => [one.product_id, one.moved])),
    new Map([
      [lamp, 9],
      [chair, 10],
    ]),
  )
})

test('two refunds of one purchase bring back what each says', async () => {
  await using shop = await open()
  await shop.deliver(giveBack(1, 11, [lamp, 2]), giveBack(1, 12, [lamp, 1]))
  assert.deepEqual(await onHand(shop), { [lamp]: [10, 10], [chair]: [9, 9] })
})

test('more than was sold never comes back: not at once, not over several refunds, not of another purchase', async () => {
  await using shop = await open()
  await assert.rejects(shop.deliver(giveBack(1, 11, [lamp, 4])), /more of .* would come back/)
  assert.deepEqual(await onHand(shop), { [lamp]: [7, 7], [chair]: [9, 9] })
  await using another = await open()
  await another.deliver(giveBack(1, 11, [lamp, 2]))
  await assert.rejects(another.deliver(giveBack(1, 12, [lamp, 2])), /more of .* would come back/)
  assert.deepEqual(await onHand(another), { [lamp]: [9, 9], [chair]: [9, 9] })
  await using third = await open()
  await assert.rejects(third.deliver(giveBack(2, 13, [lamp, 1])), /more of .* would come back/)
})
