import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  PaymentAuthorized,
  PaymentCaptured,
  PaymentDeclined,
  PaymentPending,
  PaymentTryDeclined,
  PaymentVoided,
} from '@argosy/contracts/messages/payment'
import { slice } from '@kit/testing/slice'
import { payment } from '../service.ts'
import {
  authorizeLater,
  booksOf,
  capture,
  customer,
  pay,
  post,
  purchase,
  statement,
  transfer,
  voidPayment,
} from '../test-payments.ts'

const one = purchase(1)
const purchase_id = one

const countKept = statement<{ n: number }>("select count(*) as n from job where type = 'payment.pay-once-possible'")
const hurryKept = statement("update job set due_at = now() where type = 'payment.pay-once-possible'")
const holdCalls = statement("update job set due_at = now() + interval '1 h' where type = 'payment.call-provider'")
const isHeld = (entry: string): boolean => entry.startsWith('authorized')

const statusOf = async (shop: Awaited<ReturnType<typeof slice>>): Promise<string> =>
  Object((await shop.request('GET', `/api/v1/payments/${one}`, { as: { id: customer } })).body).status

test('what is paid later is pending, and nothing is asked of the provider', async () => {
  await using shop = await slice(payment)
  assert.deepEqual(await shop.deliver(authorizeLater(one)), [PaymentPending({ purchase_id })])
  assert.deepEqual(await shop.deliver(authorizeLater(one)), [PaymentPending({ purchase_id })])
  assert.equal(await statusOf(shop), 'pending')
  assert.deepEqual(await booksOf(shop.db, one), [])
})

test('it is paid by card, once, however often one pays', async () => {
  await using shop = await slice(payment)
  await shop.deliver(authorizeLater(one))
  assert.deepEqual(await shop.deliver(pay(one), pay(one)), [PaymentAuthorized({ purchase_id })])
  assert.deepEqual(await shop.deliver(capture(one), pay(one)), [
    PaymentCaptured({ purchase_id, amount: 2500, currency_code: 'USD' }),
  ])
  assert.deepEqual(await booksOf(shop.db, one), ['authorized 2500', 'captured 2500'])
})

test('a card that is declined leaves it pending, and the next one pays it', async () => {
  await using shop = await slice(payment)
  await shop.deliver(authorizeLater(one))
  const told = await shop.deliver(pay(one, 'tok_decline'))
  assert.deepEqual(
    told[0],
    PaymentTryDeclined({
      purchase_id,
      customer_id: customer,
      number: 1,
      amount: 2500,
      currency_code: 'USD',
      reason: 'card-declined',
    }),
  )
  assert.equal(await statusOf(shop), 'pending')
  assert.deepEqual(await shop.deliver(pay(one)), [PaymentAuthorized({ purchase_id })])
})

test('two cards at once: the second waits for the first, and pays when that is declined', async () => {
  await using shop = await slice(payment)
  await shop.deliver(authorizeLater(one))
  const told = [...(await shop.deliver(pay(one, 'tok_decline'), pay(one)))]
  while ((await shop.db.query(countKept))[0]?.n !== 0) {
    await shop.hurry()
    await shop.drain()
  }
  told.push(...(await shop.published()))
  assert.equal(told[0]?.type, PaymentTryDeclined.type)
  assert.deepEqual(told.at(-1), PaymentAuthorized({ purchase_id }))
  assert.deepEqual((await booksOf(shop.db, one)).filter(isHeld), ['authorized 2500'])
})

test('two cards at once, the first good: the second is not charged', async () => {
  await using shop = await slice(payment)
  await shop.deliver(authorizeLater(one))
  await shop.deliver(pay(one), pay(one, 'tok_insufficient_funds'), pay(one, 'tok_decline'))
  await shop.hurry()
  await shop.drain()
  assert.deepEqual(await shop.db.query(countKept), [{ n: 0 }])
  assert.deepEqual(await booksOf(shop.db, one), ['authorized 2500'])
})

test('while the provider does not answer, a card is kept once however often it is offered, and tried after that', async () => {
  await using shop = await slice(payment)
  await shop.deliver(authorizeLater(one))
  await shop.deliver(pay(one, 'tok_error_twice'))
  for (let n = 0; n < 5; n++) await shop.deliver(pay(one))
  assert.deepEqual(await shop.db.query(countKept), [{ n: 2 }])
  await shop.db.query(holdCalls)
  for (let tries = 0; tries < 40; tries++) {
    await shop.db.query(hurryKept)
    await shop.drain()
  }
  assert.deepEqual(await shop.db.query(countKept), [{ n: 2 }])
  for (let tries = 0; tries < 3; tries++) {
    await shop.hurry()
    await shop.drain()
  }
  assert.deepEqual(await shop.db.query(countKept), [{ n: 0 }])
  assert.deepEqual((await booksOf(shop.db, one)).filter(isHeld), ['authorized 2500'])
})

test('who pays before the payment was asked for pays as soon as it is', async () => {
  await using shop = await slice(payment)
  assert.deepEqual(await shop.deliver(pay(one)), [])
  // On a slow machine the waiting payment is due by then.
  const told = await shop.deliver(authorizeLater(one))
  await shop.hurry()
  await shop.drain()
  assert.deepEqual([...told, ...(await shop.published())].at(-1), PaymentAuthorized({ purchase_id }))
  assert.deepEqual(await booksOf(shop.db, one), ['authorized 2500'])
})

test('what is voided unpaid cannot be paid any more', async () => {
  await using shop = await slice(payment)
  await shop.deliver(authorizeLater(one))
  assert.deepEqual(await shop.deliver(voidPayment(one)), [PaymentVoided({ purchase_id })])
  assert.deepEqual(await shop.deliver(pay(one)), [])
  assert.deepEqual(await shop.deliver(authorizeLater(one)), [PaymentDeclined({ purchase_id, reason: 'voided' })])
  assert.deepEqual(await booksOf(shop.db, one), [])
})

test('card and transfer, whichever comes first: one is captured, the other given back', async () => {
  for (const cardFirst of [true, false]) {
    await using shop = await slice(payment)
    await shop.deliver(authorizeLater(one))
    const told = await transfer(shop, one)
    if (cardFirst) await shop.deliver(pay(one))
    await post(shop, told)
    await shop.drain()
    if (!cardFirst) await shop.deliver(pay(one))
    await shop.deliver(capture(one))
    const captured = (await booksOf(shop.db, one)).filter((entry) => entry === 'captured 2500')
    assert.equal(captured.length, 1)
    const held = (await booksOf(shop.db, one)).filter((entry) => entry === 'authorized 2500').length
    const gone = (await booksOf(shop.db, one)).filter((entry) => entry === 'voided 2500').length
    assert.deepEqual([held, gone], cardFirst ? [2, 1] : [1, 0])
  }
})

test('a card whose answer comes after the transfer was taken is let go', async () => {
  await using shop = await slice(payment)
  await shop.deliver(authorizeLater(one))
  const told = await transfer(shop, one)
  // Two errors, then approved: the try is under way for two rounds.
  await shop.deliver(pay(one, 'tok_error_twice'))
  await post(shop, told)
  await shop.drain()
  assert.deepEqual((await shop.published()).at(-1), PaymentAuthorized({ purchase_id }))
  for (let tries = 0; tries < 3; tries++) {
    await shop.hurry()
    await shop.drain()
  }
  assert.deepEqual(await shop.published(), [])
  assert.deepEqual((await booksOf(shop.db, one)).toSorted(), ['authorized 2500', 'authorized 2500', 'voided 2500'])
})

test('a void while a card is being tried waits for its outcome; a transfer after that goes back', async () => {
  await using shop = await slice(payment)
  await shop.deliver(authorizeLater(one))
  const told = await transfer(shop, one)
  assert.deepEqual(await shop.deliver(pay(one), voidPayment(one)), [PaymentVoided({ purchase_id })])
  assert.equal((await post(shop, told)).status, 202)
  await shop.drain()
  const books = await booksOf(shop.db, one)
  assert.equal(
    books.filter((entry) => entry.startsWith('authorized')).length,
    books.filter((entry) => entry.startsWith('voided')).length,
  )
})
