import assert from 'node:assert/strict'
import { test } from 'node:test'
import { AccountRegistered } from '@argosy/contracts/messages/account'
import { PaymentReminded } from '@argosy/contracts/messages/order'
import { PurchaseCompleted, PurchaseFailed } from '@argosy/contracts/messages/purchase'
import { sql } from '@kit/postgres/statement'
import { openLog } from '@kit/telemetry/log'
import { slice } from '@kit/testing/slice'
import { mail } from '../service.ts'
import { forgetEndedOrders } from '../ended-orders.ts'

const ada = '01930000-0000-7000-8000-00000000000a'
const purchase_id = '01930000-0000-7000-8000-0000000000b1'
const registered = AccountRegistered({ account_id: ada, email: 'ada@shop.test', first_name: 'Ada', last_name: 'L' })
const lines = [{ product_id: '01930000-0000-7000-8000-0000000000c1', name: 'Lamp', price: 1250, quantity: 2 }]
const sale = { purchase_id, customer_id: ada, lines, amount: 2500, currency_code: 'USD' }

const countEndedOrders = sql<{ orders: number }>(import.meta.url, 'test-count-ended-orders.sql')

type Shop = Awaited<ReturnType<typeof slice>>

const reminded = (shop: Shop, number: number, minutesLeft: number) =>
  PaymentReminded({
    ...sale,
    number,
    expires_at: new Date(shop.platform.clock.now().getTime() + minutesLeft * 60_000).toISOString(),
  })

type Message = { readonly id: string; readonly template: string; readonly text: string }
const about = async (shop: Shop): Promise<readonly Message[]> => {
  const { body } = await shop.request('GET', `/api/v1/mailbox?about=${purchase_id}`)
  const messages: Message[] = []
  for (const { id } of (body as { data: { id: string }[] }).data.toReversed()) {
    messages.push(((await shop.request('GET', `/api/v1/mailbox/${id}`)).body as { message: Message }).message)
  }
  return messages
}

test('each reminder is sent once, with what is left of the time and where to pay', async () => {
  await using shop = await slice(mail, { config: { STORE_URL: 'https://shop.test/' } })
  await shop.deliver(registered, reminded(shop, 1, 20 * 60))
  await shop.deliver(reminded(shop, 1, 20 * 60), reminded(shop, 2, 120))
  const letters = await about(shop)
  assert.deepEqual(
    letters.map(({ template, text }) => [template, /You have (.*) left/.exec(text)?.[1]]),
    [
      ['payment-reminder', '20 hours'],
      ['payment-reminder', '2 hours'],
    ],
  )
  for (const { text } of letters)
    assert.match(text, new RegExp(`Pay \\$25\\.00 here: https://shop\\.test/o/${purchase_id}$`, 'm'))
})

test('a reminder that could not be sent before the order’s time was over is not sent at all', async () => {
  await using shop = await slice(mail)
  await shop.deliver(registered, reminded(shop, 3, 0))
  assert.deepEqual(await about(shop), [])
})

test('whether a reminder comes too late the database’s clock decides', async () => {
  await using shop = await slice(mail)
  const day = 24 * 60 * 60_000
  const [inTime, late] = [reminded(shop, 1, 60), reminded(shop, 2, -1)]
  shop.platform.clock.advance(day)
  await shop.deliver(registered, inTime)
  shop.platform.clock.advance(-2 * day)
  await shop.deliver(late)
  assert.equal((await about(shop)).length, 1)
})

test('an order that ended long ago is forgotten', async () => {
  await using shop = await slice(mail)
  const log = openLog({ level: 'silent' })
  const remembered = async (): Promise<number> => Number((await shop.db.query(countEndedOrders))[0]?.orders)
  await shop.deliver(PurchaseCompleted({ ...sale, payment_method: 'transfer' }))
  // The first step of a loop is done before it is closed.
  await forgetEndedOrders(shop.db, log)[Symbol.asyncDispose]()
  assert.equal(await remembered(), 1)
  await forgetEndedOrders(shop.db, log, 0)[Symbol.asyncDispose]()
  assert.equal(await remembered(), 0)
})

for (const [what, end, template] of [
  ['was paid', PurchaseCompleted({ ...sale, payment_method: 'transfer' }), 'payment-received'],
  [
    'was cancelled',
    PurchaseFailed({
      ...sale,
      payment_method: 'transfer',
      outcome: 'cancelled',
      step: 'authorize payment',
      reason: 'not-paid-in-time',
    }),
    'purchase-cancelled',
  ],
] as const) {
  test(`nobody is reminded of an order that ${what} meanwhile`, async () => {
    await using shop = await slice(mail)
    await shop.deliver(end)
    await shop.deliver(reminded(shop, 1, 60))
    await shop.deliver(registered)
    await shop.hurry()
    await shop.drain()
    assert.deepEqual(
      (await about(shop)).map((letter) => letter.template),
      [template],
    )
  })
}
