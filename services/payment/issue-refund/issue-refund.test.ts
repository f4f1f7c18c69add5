import assert from 'node:assert/strict'
import { test } from 'node:test'
import { RefundIssued } from '@argosy/contracts/messages/payment'
import { slice } from '@kit/testing/slice'
import { payment } from '../service.ts'
import { authorize, booksOf, capture, customer, giveBack, purchase } from '../test-payments.ts'
import { issueRefund } from './handle.ts'

const one = purchase(1)

type Shop = Awaited<ReturnType<typeof slice>>
const captured = async (token?: string): Promise<Shop> => {
  const shop = await slice(payment)
  await shop.deliver(authorize(one, token))
  await shop.deliver(capture(one))
  return shop
}
const issued = (n: number, amount: number) =>
  RefundIssued({ ...giveBack(one, n, amount).data, customer_id: customer, currency_code: 'USD' })
const shown = async (shop: Shop): Promise<unknown> => {
  const { body } = await shop.request('GET', `/api/v1/payments/${one}`, { as: { id: customer } })
  const { status, refunded } = Object(body)
  return [status, refunded]
}

test('money goes back in parts, each once, until all of it is back', async () => {
  await using shop = await captured()
  assert.deepEqual(await shop.deliver(giveBack(one, 1, 1000)), [issued(1, 1000)])
  assert.deepEqual(await shown(shop), ['captured', 1000])
  assert.deepEqual(await shop.deliver(giveBack(one, 1, 1000), giveBack(one, 2, 1500)), [
    issued(1, 1000),
    issued(2, 1500),
  ])
  assert.deepEqual(await shown(shop), ['refunded', 2500])
  assert.deepEqual(await booksOf(shop.db, one), ['authorized 2500', 'captured 2500', 'refunded 1000', 'refunded 1500'])
})

test('money that is on its way is not back yet', async () => {
  await using shop = await captured()
  await shop.deliver(giveBack(one, 1, 1000))
  // Only asked for: nobody calls the provider.
  await shop.db.transaction((tx) => issueRefund.handle([giveBack(one, 2, 1500)], tx, shop.platform))
  assert.deepEqual(await shown(shop), ['refunding', 1000])
  const list = await shop.request('GET', '/api/v1/payments', { as: { id: customer } })
  assert.deepEqual(
    Object(list.body).data.map(({ status, refunded }: { status: string; refunded: number }) => [status, refunded]),
    [['refunding', 1000]],
  )
})

test('two refunds that come together are decided one after the other', async () => {
  await using shop = await captured()
  await shop.deliver(giveBack(one, 1, 1500), giveBack(one, 2, 1000))
  assert.equal((await booksOf(shop.db, one)).filter((entry) => entry.startsWith('refunded')).length, 2)
})

test('more than was captured is a fault that somebody must look at, and moves nothing', async () => {
  await using shop = await captured()
  await shop.deliver(giveBack(one, 1, 1500))
  await assert.rejects(shop.deliver(giveBack(one, 2, 1001)), /only 1000 of it is left/)
  assert.equal((await booksOf(shop.db, one)).filter((entry) => entry.startsWith('refunded')).length, 1)
})
