import assert from 'node:assert/strict'
import { test } from 'node:test'
import { slice } from '@kit/testing/slice'
import { payment } from '../service.ts'
import { authorize, capture, customer, purchase, stranger, voidPayment } from '../test-payments.ts'

const [one, two] = [purchase(1), purchase(2)]

test('a payment is shown to who pays it', async () => {
  await using shop = await slice(payment)
  await shop.deliver(authorize(one))
  await shop.deliver(capture(one))
  const now = shop.platform.clock.now().toISOString()
  const { status, body } = await shop.request('GET', `/api/v1/payments/${one}`, { as: { id: customer } })
  assert.equal(status, 200)
  assert.deepEqual(body, {
    id: one,
    customer_id: customer,
    amount: 2500,
    currency_code: 'USD',
    currency: 'USD',
    refunded: 0,
    status: 'captured',
    created_at: now,
    updated_at: now,
  })
})

test('a declined payment says why', async () => {
  await using shop = await slice(payment)
  await shop.deliver(authorize(one, 'tok_decline'))
  const { body } = await shop.request('GET', `/api/v1/payments/${one}`, { as: { id: customer } })
  assert.equal(Object(body).status, 'declined')
  assert.equal(Object(body).reason, 'card-declined')
})

test("somebody else's payment is answered like one that does not exist, and so is one that was voided before", async () => {
  await using shop = await slice(payment)
  await shop.deliver(authorize(one), voidPayment(two))
  const ask = (id: string, who: string) => shop.request('GET', `/api/v1/payments/${id}`, { as: { id: who } })
  const absent = await ask(purchase(9), stranger)
  assert.equal(absent.status, 404)
  for (const answer of [await ask(one, stranger), await ask(two, customer)]) {
    assert.deepEqual(known(answer), known(absent))
  }
  assert.equal((await shop.request('GET', `/api/v1/payments/${one}`)).status, 401)
})

/** What an answer tells apart from the id that was asked for. */
const known = ({ status, body }: { readonly status: number; readonly body: unknown }): unknown => {
  const { code, title, type } = Object(body)
  return { status, code, title, type }
}
