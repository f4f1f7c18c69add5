import assert from 'node:assert/strict'
import { test } from 'node:test'
import { AccountRegistered } from '@argosy/contracts/messages/account'
import { RefundIssued, PaymentTryDeclined } from '@argosy/contracts/messages/payment'
import { PurchaseCompleted, PurchaseFailed } from '@argosy/contracts/messages/purchase'
import type { Message } from '@kit/message/message'
import { slice } from '@kit/testing/slice'
import { mail } from './service.ts'

const ada = '01930000-0000-7000-8000-00000000000a'
const purchase_id = '01930000-0000-7000-8000-0000000000b1'
const registered = AccountRegistered({ account_id: ada, email: 'ada@shop.test', first_name: 'Ada', last_name: 'L' })
const lines = [{ product_id: '01930000-0000-7000-8000-0000000000c1', name: 'Lamp', price: 1250, quantity: 2 }]
const sum = { purchase_id, customer_id: ada, amount: 2500, currency_code: 'USD' }
const later = { payment_method: 'transfer' } as const
const cancelled = { outcome: 'cancelled', step: 'authorize payment' } as const
const refund_id = '01930000-0000-7000-8000-0000000000d1'

const said: readonly (readonly [string, Message, string, RegExp])[] = [
  [
    'a card purchase that went through',
    PurchaseCompleted({ ...sum, lines }),
    'purchase-completed',
    /confirmed and paid/,
  ],
  [
    'an order that was paid later',
    PurchaseCompleted({ ...sum, lines, ...later }),
    'payment-received',
    /payment has arrived/,
  ],
  [
    'a refusal',
    PurchaseFailed({ ...sum, lines, outcome: 'refused', step: 'reserve stock', reason: 'out-of-stock' }),
    'purchase-refused',
    /one of the items has just sold out\. You have not been charged/,
  ],
  [
    'an order that was not paid in time',
    PurchaseFailed({ ...sum, lines, ...later, ...cancelled, reason: 'not-paid-in-time' }),
    'purchase-cancelled',
    /it was not paid in time\. If you have sent the money already, it goes back to you\./,
  ],
  [
    'an order that its owner called off',
    PurchaseFailed({ ...sum, lines, ...later, ...cancelled, reason: 'cancelled-by-customer' }),
    'purchase-cancelled',
    /Your order was cancelled: you asked us to\./,
  ],
  [
    'a purchase that took too long',
    PurchaseFailed({ ...sum, lines, ...cancelled, reason: 'timed-out' }),
    'purchase-cancelled',
    /it took too long on our side\. Nothing has been kept of your money\./,
  ],
  [
    'a try to pay that was declined',
    PaymentTryDeclined({ ...sum, number: 1, reason: 'insufficient-funds' }),
    'payment-declined',
    /declined the card for lack of funds.*still waiting/,
  ],
  ['a refund', RefundIssued({ ...sum, refund_id }), 'refund', /We have sent \$25\.00 back/],
]

for (const [what, message, template, sentence] of said) {
  test(`${what} is told once, in plain words`, async () => {
    await using shop = await slice(mail)
    await shop.deliver(registered)
    await shop.deliver(message)
    const list = await shop.request('GET', `/api/v1/mailbox?about=${purchase_id}`)
    const { data } = list.body as { data: { id: string; template: string; to: string; purchase_id: string }[] }
    assert.deepEqual(
      data.map((head) => [head.template, head.to, head.purchase_id]),
      [[template, 'ada@shop.test', purchase_id]],
    )
    const { body } = await shop.request('GET', `/api/v1/mailbox/${data[0]?.id}`)
    assert.match((body as { message: { text: string } }).message.text, sentence)
  })
}

test('two refunds of one order are two letters', async () => {
  await using shop = await slice(mail)
  await shop.deliver(registered)
  await shop.deliver(
    RefundIssued({ ...sum, refund_id }),
    RefundIssued({ ...sum, refund_id: refund_id.replace('d1', 'd2') }),
  )
  const { body } = await shop.request('GET', '/api/v1/mailbox?template=refund')
  assert.equal((body as { data: unknown[] }).data.length, 2)
})
