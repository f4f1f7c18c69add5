import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Message } from '@kit/message/message'
import { slice } from '@kit/testing/slice'
import fc from 'fast-check'
import { rebuildOrders } from './rebuild.ts'
import { order } from './service.ts'
import { cancel, complete, markPaid, place, purchase } from './test-orders.ts'

const statement = (text: string) => ({ name: text.slice(0, 63), text })
const everyRow = statement('select * from orders order by purchase_id')
const empty = statement('delete from orders')
const spoil = statement("update orders set status = 'PAID', version = 99, reason = null")
const stray = statement(
  `insert into orders (purchase_id, status, version, reason, updated_at)
   values ('01930000-0000-7000-8000-0000000000ff', 'CANCELLED', 1, 'stray', now())`,
)

const command = fc
  .tuple(fc.integer({ min: 1, max: 6 }), fc.constantFrom<(id: string) => Message>(place, markPaid, complete, cancel))
  .map(([n, make]) => make(purchase(n)))

test('whatever commands came, rebuilding gives the rows that were written with the events', async () => {
  await using shop = await slice(order)
  const batches = fc.array(command, { minLength: 1, maxLength: 12 })
  await fc.assert(
    fc.asyncProperty(batches, async (commands) => {
      await shop.deliver(...commands)
      const live = await shop.db.query(everyRow)
      await shop.db.query(empty)
      assert.equal(await rebuildOrders(shop.db), live.length)
      assert.deepEqual(await shop.db.query(everyRow), live)
    }),
    { numRuns: 20 },
  )
})

test('a rebuild mends rows that are wrong, removes those without events, and goes past one page', async () => {
  await using shop = await slice(order)
  await shop.deliver(...Array.from({ length: 1001 }, (_, n) => place(purchase(0x1000 + n))))
  const live = await shop.db.query(everyRow)
  await shop.db.query(spoil)
  await shop.db.query(stray)
  const progress: number[] = []
  assert.equal(await rebuildOrders(shop.db, (done) => progress.push(done)), 1001)
  assert.deepEqual(progress, [500, 1000, 1001])
  assert.deepEqual(await shop.db.query(everyRow), live)
})
