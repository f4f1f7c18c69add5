import assert from 'node:assert/strict'
import { test } from 'node:test'
import { PayPending } from '@argosy/contracts/messages/payment'
import { TokenizeCard } from '@argosy/contracts/rpc/payment'
import { implement } from '@kit/rpc/procedure'
import { slice } from '@kit/testing/slice'
import type { Slice } from '@kit/testing/slice'
import { order } from '../service.ts'
import { cancel, complete, customer, markPaid, placeUnpaid, purchase, stranger } from '../test-orders.ts'

const one = purchase(1)
const tokenize = implement(TokenizeCard, async ({ number }) =>
  number === '4242424242424242' ? { token: 'tok_a' } : {},
)
const open = () => slice(order, { procedures: [tokenize] })
const pay = (shop: Slice, body: object = {}, id = customer) =>
  shop.request('POST', `/api/v1/orders/${one}/pay`, { as: { id }, body })

test('paying a pending order asks the payment for it, with the token of the card', async () => {
  await using shop = await open()
  await shop.deliver(placeUnpaid(one))
  const { status, body } = await pay(shop, { card: '4242 4242 4242 4242' })
  assert.equal(status, 202)
  assert.deepEqual(body, { id: one })
  assert.deepEqual(await shop.published(), [PayPending({ purchase_id: one, card_token: 'tok_a' })])
  await pay(shop)
  assert.deepEqual(await shop.published(), [PayPending({ purchase_id: one })])
})

test('an order that is paid gives the same answer, and nothing is charged again', async () => {
  await using shop = await open()
  await shop.deliver(placeUnpaid(one), markPaid(one))
  for (const next of [complete(one), complete(one)]) {
    const { status, body } = await pay(shop, { card: '4242424242424242' })
    assert.deepEqual({ status, body }, { status: 202, body: { id: one } })
    assert.deepEqual(await shop.published(), [])
    await shop.deliver(next)
  }
})

test('a cancelled order, a card that nobody knows, and an order of somebody else are refused', async () => {
  await using shop = await open()
  await shop.deliver(placeUnpaid(one))
  const unknown = await pay(shop, { card: '4111 1111 1111 1111' })
  assert.deepEqual([unknown.status, Object(unknown.body).code], [422, 'card-not-accepted'])
  const foreign = await pay(shop, {}, stranger)
  assert.deepEqual([foreign.status, Object(foreign.body).code], [404, 'order-not-found'])
  await shop.deliver(cancel(one))
  const late = await pay(shop)
  assert.deepEqual([late.status, Object(late.body).code], [409, 'order-cancelled'])
  assert.deepEqual(await shop.published(), [])
})
