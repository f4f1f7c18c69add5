import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CommitStock, ReleaseStock, ReserveStock } from '@argosy/contracts/messages/inventory'
import { StockCommitted, StockRefused, StockReleased, StockReserved } from '@argosy/contracts/messages/inventory'
import { OpenStock, StockLevels } from '@argosy/contracts/rpc/inventory'
import type { Message } from '@kit/message/message'
import type { Tx } from '@kit/postgres/queryable'
import { slice } from '@kit/testing/slice'
import type { Slice } from '@kit/testing/slice'
import { inventory } from '../service.ts'
import { reserveStock } from './handle.ts'

// Every message is delivered three times here: twice in a row and once more at the end.

const id = (n: number): string => `01930000-0000-7000-8000-${String(n).padStart(12, '0')}`
const lamp = id(901)
const chair = id(902)

const open = async (stock: Readonly<Record<string, number>>): Promise<Slice> => {
  const shop = await slice(inventory)
  for (const [product_id, quantity] of Object.entries(stock)) await shop.call(OpenStock, { product_id, quantity })
  return shop
}
const reserve = (n: number, ...lines: readonly (readonly [string, number])[]) =>
  ReserveStock({ purchase_id: id(n), lines: lines.map(([product_id, quantity]) => ({ product_id, quantity })) })
const levels = async (shop: Slice): Promise<Readonly<Record<string, string>>> => {
  const answer = await shop.call(StockLevels, { product_ids: [lamp, chair] })
  return Object.fromEntries(
    answer.levels.map(({ product_id, on_hand, available }) => [product_id, `${available} of ${on_hand}`]),
  )
}
const told = (messages: Awaited<ReturnType<Slice['deliver']>>) => messages.map(({ type, data }) => ({ type, data }))

test('a reservation keeps units back; the purchase that asked again has not reserved twice', async () => {
  await using shop = await open({ [lamp]: 10 })
  const answers = await shop.deliver(reserve(1, [lamp, 3]))
  assert.deepEqual(told(answers), told([StockReserved({ purchase_id: id(1) })]))
  assert.deepEqual(await levels(shop), { [lamp]: '7 of 10' })
})

test('a purchase of two lines of which the second is short keeps nothing of the first', async () => {
  await using shop = await open({ [lamp]: 10, [chair]: 1 })
  const answers = await shop.deliver(reserve(1, [lamp, 3], [chair, 2]))
  assert.deepEqual(
    told(answers),
    told([StockRefused({ purchase_id: id(1), reason: 'out-of-stock', product_id: chair })]),
  )
  assert.deepEqual(await levels(shop), { [lamp]: '10 of 10', [chair]: '1 of 1' })
})

test('the same product on two lines is reserved whole and released whole', async () => {
  await using shop = await open({ [lamp]: 10 })
  await shop.deliver(reserve(1, [lamp, 4], [lamp, 5]))
  assert.deepEqual(await levels(shop), { [lamp]: '1 of 10' })
  const answers = await shop.deliver(ReleaseStock({ purchase_id: id(1) }))
  assert.deepEqual(told(answers), told([StockReleased({ purchase_id: id(1) })]))
  assert.deepEqual(await levels(shop), { [lamp]: '10 of 10' })
})

test('a refusal is remembered: stock that comes later does not change the answer', async () => {
  await using shop = await open({ [chair]: 1 })
  const refused = [StockRefused({ purchase_id: id(1), reason: 'out-of-stock', product_id: chair })]
  assert.deepEqual(told(await shop.deliver(reserve(1, [chair, 2]))), told(refused))
  await shop.deliver(reserve(2, [chair, 1]), ReleaseStock({ purchase_id: id(2) }))
  assert.deepEqual(told(await shop.deliver(reserve(1, [chair, 1]))), told(refused))
})

test('a product without stock is refused by name', async () => {
  await using shop = await open({})
  const answers = await shop.deliver(reserve(1, [lamp, 1]))
  assert.deepEqual(
    told(answers),
    told([StockRefused({ purchase_id: id(1), reason: 'unknown-product', product_id: lamp })]),
  )
})

test('a release that overtakes its reservation is remembered, and the reservation gets nothing', async () => {
  await using shop = await open({ [lamp]: 10 })
  const released = await shop.deliver(ReleaseStock({ purchase_id: id(1) }))
  assert.deepEqual(told(released), told([StockReleased({ purchase_id: id(1) })]))
  const refused = await shop.deliver(reserve(1, [lamp, 3]))
  assert.deepEqual(told(refused), told([StockRefused({ purchase_id: id(1), reason: 'released-before' })]))
  assert.deepEqual(await levels(shop), { [lamp]: '10 of 10' })
})

test('committed units leave the house once, in the ledger with the purchases that bought them', async () => {
  await using shop = await open({ [lamp]: 10 })
  await shop.deliver(reserve(1, [lamp, 3]), reserve(2, [lamp, 2]))
  const answers = await shop.deliver(CommitStock({ purchase_id: id(1) }), CommitStock({ purchase_id: id(2) }))
  assert.deepEqual(
    told(answers).toSorted((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1)),
    told([StockCommitted({ purchase_id: id(1) }), StockCommitted({ purchase_id: id(2) })]),
  )
  assert.deepEqual(await levels(shop), { [lamp]: '5 of 5' })
  assert.deepEqual(await ledger(shop), { on_hand: 5, moved: 5, reserved: 0, promised: 0, sold: 5, committed: 5 })
})

test('two hundred buyers for stock of ten: exactly ten get it', async () => {
  await using shop = await open({ [lamp]: 10 })
  const buyers = Array.from({ length: 200 }, (_, n) => n + 1)
  const answers = await shop.deliver(...buyers.map((n) => reserve(n, [lamp, 1])))
  const winners = answers.filter(({ type }) => type === StockReserved.type)
  const losers = answers.filter(({ type }) => type === StockRefused.type)
  assert.equal(winners.length, 10)
  assert.equal(losers.length, 190)
  await shop.deliver(...winners.map(({ key }) => CommitStock({ purchase_id: key })))
  assert.deepEqual(await levels(shop), { [lamp]: '0 of 0' })
  assert.deepEqual(await ledger(shop), { on_hand: 0, moved: 0, reserved: 0, promised: 0, sold: 10, committed: 10 })
})

const selectLedger = {
  name: 'test-ledger',
  text: `
  select (select sum(on_hand) from stock)::int as on_hand,
         (select sum(delta) from movement)::int as moved,
         (select sum(reserved) from stock)::int as reserved,
         (select coalesce(sum(q), 0) from reservation, unnest(quantities) as q where state = 'reserved')::int as promised,
         (select coalesce(-sum(delta), 0) from movement where kind = 'sold')::int as sold,
         (select coalesce(sum(q), 0) from reservation, unnest(quantities) as q where state = 'committed')::int as committed
`,
}

/** What must agree: on_hand with moved, reserved with promised, sold with committed. */
const ledger = async (shop: Slice): Promise<unknown> => (await shop.db.query<object>(selectLedger))[0]

test('a batch costs as many statements as a single command: four to reserve, six for any mix', async () => {
  await using shop = await open({ [lamp]: 1000, [chair]: 1000 })
  const handled = (...commands: readonly Message[]): Promise<number> =>
    shop.db.transaction(async (tx) => {
      let statements = 0
      const query: Tx['query'] = (statement, values) => {
        statements++
        return tx.query(statement, values)
      }
      await reserveStock.handle(commands, { ...tx, query }, shop.platform)
      return statements
    })
  const reservations = (from: number, to: number) =>
    Array.from({ length: to - from }, (_, i) => reserve(from + i, [lamp, 1], [chair, 1]))
  const commits = (from: number, to: number) =>
    Array.from({ length: to - from }, (_, i) => CommitStock({ purchase_id: id(from + i) }))
  assert.equal(await handled(...reservations(1, 2)), 4)
  assert.equal(await handled(...reservations(2, 102)), 4)
  assert.equal(await handled(...commits(1, 102), ...reservations(102, 202)), 6)
  assert.deepEqual(await levels(shop), { [lamp]: '799 of 899', [chair]: '799 of 899' })
})

test('instances that decide at the same time neither oversell nor lock each other out', async () => {
  await using shop = await open({ [lamp]: 30, [chair]: 30 })
  const replies: Message[] = []
  // Eight transactions at once, each with both products, half of them named in the other order.
  const batch = (n: number) =>
    Array.from({ length: 10 }, (_, i) =>
      n % 2 === 0 ? reserve(n * 10 + i, [lamp, 1], [chair, 1]) : reserve(n * 10 + i, [chair, 1], [lamp, 1]),
    )
  await Promise.all(
    Array.from({ length: 8 }, (_, n) =>
      shop.db.transaction(async (tx) => {
        for (const one of await reserveStock.handle(batch(n), tx, shop.platform))
          if (one.kind !== 'job') replies.push(one)
      }),
    ),
  )
  assert.equal(replies.filter(({ type }) => type === StockReserved.type).length, 30)
  assert.equal(replies.filter(({ type }) => type === StockRefused.type).length, 50)
  assert.deepEqual(await levels(shop), { [lamp]: '0 of 30', [chair]: '0 of 30' })
})
