import assert from 'node:assert/strict'
import { test } from 'node:test'
import { PlaceOrder } from '@argosy/contracts/messages/order'
import { slice } from '@kit/testing/slice'
import { order } from '../service.ts'
import { agreed, cancel, customer, lamp, markPaid, place, purchase, stranger } from '../test-orders.ts'

const [one, two] = [purchase(1), purchase(2)]

test('an order shows its lines as agreed at purchase, two of the same product too', async () => {
  await using shop = await slice(order)
  await shop.deliver(place(one), markPaid(one))
  const now = shop.platform.clock.now().toISOString()
  const { status, body } = await shop.request('GET', `/api/v1/orders/${one}`, { as: { id: customer } })
  assert.equal(status, 200)
  // The price of the day of the purchase, and the quantity bought.
  assert.deepEqual(body, {
    id: one,
    customer_id: customer,
    status: 'paid',
    products: [
      { id: lamp, name: 'Lamp "Été"', price: 1250, quantity: 2, amount: 2500 },
      { id: lamp, name: 'Lamp "Été"', price: 1250, quantity: 1, amount: 1250 },
    ],
    amount: 3750,
    refunded: 0,
    currency_code: 'USD',
    payment_method: 'card',
    created_at: now,
    updated_at: now,
  })
})

test('a line that was converted shows the amount that it was sold for', async () => {
  await using shop = await slice(order)
  const lines = [{ product_id: lamp, name: 'Pin', price: 2, quantity: 1_000, amount: 2_370 }]
  await shop.deliver(PlaceOrder({ ...agreed(one), lines, amount: 2_370, currency_code: 'GBP' }))
  const { body } = await shop.request('GET', `/api/v1/orders/${one}`, { as: { id: customer } })
  assert.deepEqual(Object(body).products, [{ id: lamp, name: 'Pin', price: 2, quantity: 1_000, amount: 2_370 }])
})

test('a cancelled order says why', async () => {
  await using shop = await slice(order)
  await shop.deliver(place(one), cancel(one, 'the card was declined'))
  const { body } = await shop.request('GET', `/api/v1/orders/${one}`, { as: { id: customer } })
  assert.equal(Object(body).status, 'cancelled')
  assert.equal(Object(body).reason, 'the card was declined')
})

test("somebody else's order is answered like one that does not exist, and so is one that was never placed", async () => {
  await using shop = await slice(order)
  await shop.deliver(place(one), cancel(two))
  for (const tail of ['', '/history']) {
    const ask = (id: string, who: string) => shop.request('GET', `/api/v1/orders/${id}${tail}`, { as: { id: who } })
    const absent = await ask(purchase(9), stranger)
    assert.equal(absent.status, 404)
    for (const answer of [await ask(one, stranger), await ask(two, customer)]) {
      assert.deepEqual(known(answer), known(absent))
    }
    assert.equal((await shop.request('GET', `/api/v1/orders/${one}${tail}`)).status, 401)
  }
})

test('an id that is none is a mistake that names the field', async () => {
  await using shop = await slice(order)
  const { status, body } = await shop.request('GET', `/api/v1/orders/7`, { as: { id: customer } })
  assert.equal(status, 400)
  assert.equal(Object(body).code, 'invalid-request')
})

/** What an answer tells apart from the id that was asked for. */
const known = ({ status, body }: { readonly status: number; readonly body: unknown }): unknown => {
  const { code, title, type } = Object(body)
  return { status, code, title, type }
}
