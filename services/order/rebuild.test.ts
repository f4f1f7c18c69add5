import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { test } from 'node:test'
import type { Message } from '@kit/message/message'
import type { Database } from '@kit/postgres/queryable'
import { slice } from '@kit/testing/slice'
import type { Slice } from '@kit/testing/slice'
import fc from 'fast-check'
import { advanceOrders } from './advance-order/handle.ts'
import { rebuildOrders } from './rebuild.ts'
import { order } from './service.ts'
import { cancel, complete, customer, markPaid, place, placeUnpaid, purchase, seller } from './test-orders.ts'

const statement = (text: string) => ({ name: text.slice(0, 63), text })
const everyRow = statement('select * from orders order by purchase_id')
const spoil = statement("update orders set status = 'PAID', version = 99, reason = null, refunded = 0")
const stray = statement(
  `insert into orders (purchase_id, status, version, reason, updated_at)
   values ('01930000-0000-7000-8000-0000000000ff', 'CANCELLED', 1, 'stray', now())`,
)
/** All that there is by name, so that nothing is left over or lost. */
const everything = statement(
  `select c.relname as name, coalesce(pg_get_indexdef(c.oid), array_to_string(c.reloptions, ' ')) as what
     from pg_class c where c.relnamespace = current_schema::regnamespace and c.relkind in ('r', 'i')
   union all
   select conname, pg_get_constraintdef(oid) from pg_constraint where connamespace = current_schema::regnamespace
   union all
   select tgname, 'trigger' from pg_trigger t join pg_class c on c.oid = tgrelid
    where c.relnamespace = current_schema::regnamespace and not tgisinternal
   order by 1, 2`,
)

const command = fc
  .tuple(
    fc.integer({ min: 1, max: 6 }),
    fc.constantFrom<(id: string) => Message>(place, placeUnpaid, markPaid, complete, cancel),
  )
  .map(([n, make]) => make(purchase(n)))

test('whatever commands came, rebuilding gives the rows that were written with the events', async () => {
  await using shop = await slice(order)
  const refund = (n: number, amount: number) =>
    shop.request('POST', `/api/v1/orders/${purchase(n)}/refund`, {
      as: { id: seller },
      body: { amount },
      headers: { 'idempotency-key': randomUUID() },
    })
  const batches = fc.tuple(fc.array(command, { minLength: 1, maxLength: 12 }), fc.integer({ min: 1, max: 6 }))
  await fc.assert(
    fc.asyncProperty(batches, async ([commands, refunded]) => {
      await shop.deliver(...commands)
      await refund(refunded, 100 * refunded)
      const live = await shop.db.query(everyRow)
      assert.equal(await rebuildOrders(shop.db), live.length)
      assert.deepEqual(await shop.db.query(everyRow), live)
    }),
    { numRuns: 12 },
  )
})

test('a rebuild mends rows that are wrong, removes those without events, tells how far it is, and leaves nothing behind', async () => {
  await using shop = await slice(order)
  await shop.deliver(...Array.from({ length: 1501 }, (_, n) => place(purchase(0x1000 + n))))
  const live = await shop.db.query(everyRow)
  const before = await shop.db.query(everything)
  await shop.db.query(spoil)
  await shop.db.query(stray)
  const progress: unknown[] = []
  assert.equal(await rebuildOrders(shop.db, { progress: (far) => progress.push(far) }), 1501)
  assert.deepEqual(progress, [
    { done: 1000, of: 1502 },
    { done: 1501, of: 1502 },
  ])
  assert.deepEqual(await shop.db.query(everyRow), live)
  assert.deepEqual(await shop.db.query(everything), before)
})

test('a rebuild that died leaves nothing that the next one minds', async () => {
  await using shop = await slice(order)
  await shop.deliver(...Array.from({ length: 1001 }, (_, n) => place(purchase(0x1000 + n))))
  const before = await shop.db.query(everything)
  let transactions = 0
  // After its beginning it never gets to do anything again, not even to clear away.
  const dead: Database = {
    query: shop.db.query,
    transaction: (work) => (transactions++ === 0 ? shop.db.transaction(work) : Promise.reject(new Error('dead'))),
  }
  await assert.rejects(rebuildOrders(dead), /dead/)
  assert.notDeepEqual(await shop.db.query(everything), before)
  assert.equal(await rebuildOrders(shop.db), 1001)
  assert.deepEqual(await shop.db.query(everything), before)
})

test('while orders are rebuilt they are placed, paid, cancelled and read as ever, and nothing of it is lost', async () => {
  await using shop = await slice(order)
  const count = 600
  const ids = Array.from({ length: count }, (_, n) => purchase(0x1000 + n))
  await shop.deliver(...ids.map(placeUnpaid))
  const keep = advanceOrders({ reminders: [], expiry: 1 })
  let rebuilding = true
  const handle = (...commands: readonly Message[]) =>
    shop.db.transaction((tx) => keep.handle(commands, tx, shop.platform))
  const writing = (async () => {
    for (let n = 0; rebuilding; n++) {
      const [old, fresh] = [ids[n % count] ?? '', purchase(0x9000 + n)]
      await handle(n % 3 === 0 ? cancel(old) : markPaid(old), placeUnpaid(fresh))
    }
  })()
  const reading = (async () => {
    while (rebuilding) {
      const { status, body } = await shop.request('GET', `/api/v1/orders/${ids[0]}`, { as: { id: customer } })
      assert.equal(status, 200, JSON.stringify(body))
      const list = await shop.request('GET', '/api/v1/orders?limit=100', { as: { id: customer } })
      assert.equal(Object(list.body).data.length, 100)
    }
  })()
  for (let n = 0; n < 3; n++) await rebuildOrders(shop.db)
  rebuilding = false
  await Promise.all([writing, reading])
  const live = await shop.db.query(everyRow)
  await rebuildOrders(shop.db)
  assert.deepEqual(await shop.db.query(everyRow), live)
})

const whoWaits = statement(
  "select count(*)::int as n from pg_locks where relation = 'order_event'::regclass and not granted",
)
const readEvents = statement('select count(*) from order_event')

/** Somebody reads the events in a transaction that stays open until `end` is called. */
const report = async (db: Database): Promise<AsyncDisposable & { readonly end: () => Promise<void> }> => {
  const begun = Promise.withResolvers<void>()
  const over = Promise.withResolvers<void>()
  const reading = db.transaction(async (tx) => {
    await tx.query(readEvents)
    begun.resolve()
    await over.promise
  })
  await begun.promise
  const end = (): Promise<void> => {
    over.resolve()
    return reading
  }
  return { end, [Symbol.asyncDispose]: end }
}

const waitLess = statement("set local lock_timeout = '4s'")

/** Places an order; throws when somebody holds that up for longer than four seconds. */
const placeSoon = (shop: Slice, id: string): Promise<unknown> =>
  shop.db.transaction(async (tx) => {
    await tx.query(waitLess)
    return advanceOrders({ reminders: [], expiry: 1 }).handle([place(id)], tx, shop.platform)
  })

const untilItWaits = async (db: Database): Promise<void> => {
  while ((await db.query<{ n: number }>(whoWaits))[0]?.n === 0) await new Promise((resolve) => setTimeout(resolve, 20))
}

test('while somebody reads the events for long, orders are placed all the same; what is left is cleared after that', async () => {
  await using shop = await slice(order)
  await shop.deliver(place(purchase(1)))
  const before = await shop.db.query(everything)
  const warnings: string[] = []
  await using reading = await report(shop.db)
  const rebuilding = rebuildOrders(shop.db, { warn: (what) => warnings.push(what) })
  await untilItWaits(shop.db)
  await placeSoon(shop, purchase(2))
  await reading.end()
  assert.equal(await rebuilding, 1)
  assert.deepEqual(warnings, [])
  assert.deepEqual(await shop.db.query(everything), before)
})

test('a rebuild that cannot clear away has succeeded, and says what it leaves; the next one waits until it can', async () => {
  await using shop = await slice(order)
  await shop.deliver(place(purchase(1)))
  const before = await shop.db.query(everything)
  await shop.db.query(spoil)
  const warnings: string[] = []
  await using reading = await report(shop.db)
  assert.equal(await rebuildOrders(shop.db, { tries: 1, warn: (what) => warnings.push(what) }), 1)
  assert.match(warnings.join(), /^the trigger orders_changed_[0-9a-f]{6} on order_event, .+ the next rebuild does it$/)
  assert.deepEqual(
    (await shop.db.query<{ status: string }>(everyRow)).map(({ status }) => status),
    ['PENDING'],
  )
  await assert.rejects(rebuildOrders(shop.db, { tries: 0 }), { code: '55P03' })
  const next = rebuildOrders(shop.db)
  await untilItWaits(shop.db)
  await placeSoon(shop, purchase(2))
  await reading.end()
  assert.equal(await next, 2)
  assert.deepEqual(await shop.db.query(everything), before)
})

test('indexes take longer to make than other statements may take', async () => {
  await using shop = await slice(order)
  await shop.deliver(...Array.from({ length: 10 }, (_, n) => place(purchase(0x1000 + n))))
  await shop.db.query(slowly)
  await shop.db.query(slowIndex)
  const hurried: Database = {
    query: shop.db.query,
    transaction: (work) =>
      shop.db.transaction(async (tx) => {
        await tx.query(hurry)
        return work(tx)
      }),
  }
  assert.equal(await rebuildOrders(hurried), 10)
})

const slowly = statement(
  `create function slowly(id uuid) returns uuid language plpgsql immutable as
   $$ begin perform pg_sleep(0.15); return id; end $$`,
)
const slowIndex = statement('create index orders_slowly on orders (slowly(purchase_id))')
/** Far less than the index takes. */
const hurry = statement("set local statement_timeout = '800ms'")
