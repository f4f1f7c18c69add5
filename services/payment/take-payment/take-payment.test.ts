import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  CaptureRefused,
  PaymentAuthorized,
  PaymentCaptured,
  PaymentDeclined,
  PaymentRefunded,
  PaymentVoided,
} from '@argosy/contracts/messages/payment'
import { slice } from '@kit/testing/slice'
import { payment } from '../service.ts'
import { authorize, booksOf, capture, purchase, refund, voidPayment } from '../test-payments.ts'

const one = purchase(1)
const purchase_id = one

test('money is authorized, then captured, once each however often it is asked for', async () => {
  await using shop = await slice(payment)
  assert.deepEqual(await shop.deliver(authorize(one)), [PaymentAuthorized({ purchase_id })])
  assert.deepEqual(await shop.deliver(capture(one)), [
    PaymentCaptured({ purchase_id, amount: 2500, currency_code: 'USD' }),
  ])
  // Asked again, the same answer; no second charge.
  assert.deepEqual(await shop.deliver(authorize(one), capture(one)), [
    PaymentAuthorized({ purchase_id }),
    PaymentCaptured({ purchase_id, amount: 2500, currency_code: 'USD' }),
  ])
  assert.deepEqual(await booksOf(shop.db, one), ['authorized 2500', 'captured 2500'])
})

test('a declined card holds nothing, and undoing that is no trouble', async () => {
  await using shop = await slice(payment)
  assert.deepEqual(await shop.deliver(authorize(one, 'tok_insufficient_funds')), [
    PaymentDeclined({ purchase_id, reason: 'insufficient-funds' }),
  ])
  assert.deepEqual(await shop.deliver(voidPayment(one)), [PaymentVoided({ purchase_id })])
  assert.deepEqual(await booksOf(shop.db, one), ['declined 2500'])
})

test('a token that the provider does not know is declined', async () => {
  await using shop = await slice(payment)
  assert.deepEqual(await shop.deliver(authorize(one, 'tok_of_another_shop')), [
    PaymentDeclined({ purchase_id, reason: 'unknown-card' }),
  ])
})

test('a void lets go what is held', async () => {
  await using shop = await slice(payment)
  await shop.deliver(authorize(one))
  assert.deepEqual(await shop.deliver(voidPayment(one)), [PaymentVoided({ purchase_id })])
  assert.deepEqual(await booksOf(shop.db, one), ['authorized 2500', 'voided 2500'])
  assert.deepEqual(await shop.deliver(capture(one)), [CaptureRefused({ purchase_id, reason: 'voided' })])
})

test('a void that overtakes its authorization keeps money from being held', async () => {
  await using shop = await slice(payment)
  assert.deepEqual(await shop.deliver(voidPayment(one)), [PaymentVoided({ purchase_id })])
  assert.deepEqual(await shop.deliver(authorize(one)), [PaymentDeclined({ purchase_id, reason: 'voided' })])
  assert.deepEqual(await booksOf(shop.db, one), [])
})

test('a void during the authorization waits for its outcome, and lets it go before saying so', async () => {
  await using shop = await slice(payment)
  // Both are handled before the provider is called; then the authorization is delivered once more.
  assert.deepEqual(await shop.deliver(authorize(one), voidPayment(one)), [
    PaymentVoided({ purchase_id }),
    PaymentDeclined({ purchase_id, reason: 'voided' }),
  ])
  assert.deepEqual(await booksOf(shop.db, one), ['authorized 2500', 'voided 2500'])
})

test('a refund gives back what was captured, once', async () => {
  await using shop = await slice(payment)
  await shop.deliver(authorize(one))
  await shop.deliver(capture(one))
  assert.deepEqual(await shop.deliver(refund(one)), [PaymentRefunded({ purchase_id })])
  assert.deepEqual(await shop.deliver(refund(one), voidPayment(one)), [
    PaymentRefunded({ purchase_id }),
    PaymentVoided({ purchase_id }),
  ])
  assert.deepEqual(await booksOf(shop.db, one), ['authorized 2500', 'captured 2500', 'refunded 2500'])
})

test('a refund of what was never captured is a void', async () => {
  await using shop = await slice(payment)
  await shop.deliver(authorize(one))
  assert.deepEqual(await shop.deliver(refund(one)), [PaymentRefunded({ purchase_id })])
  assert.deepEqual(await booksOf(shop.db, one), ['authorized 2500', 'voided 2500'])
})

test('a refund during the capture finds out first', async () => {
  for (const [token, books] of [
    ['tok_approve', ['authorized 2500', 'captured 2500', 'refunded 2500']],
    ['tok_capture_refused', ['authorized 2500', 'voided 2500']],
  ] as const) {
    await using shop = await slice(payment)
    await shop.deliver(authorize(one, token))
    // The capture, delivered once more, is refused then.
    assert.deepEqual(await shop.deliver(capture(one), refund(one)), [
      PaymentRefunded({ purchase_id }),
      CaptureRefused({ purchase_id, reason: 'voided' }),
    ])
    assert.deepEqual(await booksOf(shop.db, one), books)
  }
})

test('a capture that the provider refuses leaves the money held until it is let go', async () => {
  await using shop = await slice(payment)
  await shop.deliver(authorize(one, 'tok_capture_refused'))
  assert.deepEqual(await shop.deliver(capture(one)), [CaptureRefused({ purchase_id, reason: 'capture-refused' })])
  assert.deepEqual(await shop.deliver(voidPayment(one)), [PaymentVoided({ purchase_id })])
  assert.deepEqual(await booksOf(shop.db, one), ['authorized 2500', 'voided 2500'])
})

test('a capture of what was never authorized is refused', async () => {
  await using shop = await slice(payment)
  assert.deepEqual(await shop.deliver(capture(one)), [CaptureRefused({ purchase_id, reason: 'not-authorized' })])
})
