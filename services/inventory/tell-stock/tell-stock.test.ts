import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ReserveStock, StockChanged } from '@argosy/contracts/messages/inventory'
import { OpenStock } from '@argosy/contracts/rpc/inventory'
import { lockedPages } from '@kit/testing/locked-page'
import { slice } from '@kit/testing/slice'
import { inventory } from '../service.ts'
import { stock } from './facts.ts'

const [lamp, chair] = ['01930000-0000-7000-8000-000000000901', '01930000-0000-7000-8000-000000000902'] as const

test('the units of every product are told as they are now', async () => {
  await using shop = await slice(inventory)
  await shop.call(OpenStock, { product_id: chair, quantity: 5 })
  await shop.call(OpenStock, { product_id: lamp, quantity: 10 })
  const lines = [{ product_id: lamp, quantity: 3 }]
  await shop.deliver(ReserveStock({ purchase_id: '01930000-0000-7000-8000-000000000001', lines }))
  assert.deepEqual(await lockedPages(shop.db, stock, { table: 'stock', limit: 500 }), [
    [
      StockChanged({ product_id: lamp, on_hand: 10, reserved: 3, available: 7 }),
      StockChanged({ product_id: chair, on_hand: 5, reserved: 0, available: 5 }),
    ],
  ])
})
