import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  PaymentAuthorized,
  PaymentCaptured,
  PaymentRefunded,
  PaymentVoided,
  ProviderSilent,
} from '@argosy/contracts/messages/payment'
import { slice } from '@kit/testing/slice'
import { payment } from '../service.ts'
import {
  authorize,
  booksOf,
  capture,
  holdBooks,
  inSandbox,
  purchase,
  refund,
  statement,
  voidPayment,
} from '../test-payments.ts'

const one = purchase(1)
const purchase_id = one
const captured = PaymentCaptured({ purchase_id, amount: 2500, currency_code: 'USD' })
const impatient = { config: { PAYMENT_TIMEOUT: '500ms' } }

test('an authorization that is done but never answered is found, not made again', async () => {
  await using shop = await slice(payment, impatient)
  assert.deepEqual(await shop.deliver(authorize(one, 'tok_timeout_after_success')), [
    PaymentAuthorized({ purchase_id }),
  ])
  assert.deepEqual(await shop.deliver(capture(one)), [captured])
  assert.deepEqual(await booksOf(shop.db, one), ['authorized 2500', 'captured 2500'])
})

test('an authorization that is done and answered with an error is found, not made again', async () => {
  await using shop = await slice(payment)
  assert.deepEqual(await shop.deliver(authorize(one, 'tok_error_after_success')), [PaymentAuthorized({ purchase_id })])
  assert.deepEqual(await booksOf(shop.db, one), ['authorized 2500'])
})

test('a capture whose answer is lost is one capture', async () => {
  for (const token of ['tok_capture_timeout', 'tok_capture_error']) {
    await using shop = await slice(payment, impatient)
    await shop.deliver(authorize(one, token))
    assert.deepEqual(await shop.deliver(capture(one)), [captured])
    assert.deepEqual(await booksOf(shop.db, one), ['authorized 2500', 'captured 2500'])
  }
})

test('a refund while the capture’s outcome is unknown finds out, then gives the money back', async () => {
  await using shop = await slice(payment, impatient)
  await shop.deliver(authorize(one, 'tok_capture_timeout'))
  assert.deepEqual((await shop.deliver(capture(one), refund(one)))[0], PaymentRefunded({ purchase_id }))
  assert.deepEqual(await booksOf(shop.db, one), ['authorized 2500', 'captured 2500', 'refunded 2500'])
})

test('a provider that fails without doing anything is asked again, later', async () => {
  await using shop = await slice(payment)
  assert.deepEqual(await shop.deliver(authorize(one, 'tok_error_twice')), [])
  await shop.hurry()
  await shop.drain()
  assert.deepEqual(await shop.published(), [])
  await shop.hurry()
  await shop.drain()
  assert.deepEqual(await shop.published(), [PaymentAuthorized({ purchase_id })])
  assert.deepEqual(await booksOf(shop.db, one), ['authorized 2500'])
})

test('a void while the provider fails waits until its outcome is known', async () => {
  await using shop = await slice(payment)
  await shop.deliver(authorize(one, 'tok_error_twice'))
  assert.deepEqual(
    (await shop.deliver(voidPayment(one))).some(({ type }) => type === PaymentVoided.type),
    false,
  )
  for (let tries = 0; tries < 2; tries++) {
    await shop.hurry()
    await shop.drain()
  }
  assert.deepEqual((await shop.published()).at(-1), PaymentVoided({ purchase_id }))
  assert.deepEqual(await booksOf(shop.db, one), ['authorized 2500', 'voided 2500'])
})

const silent = (operation: 'authorize' | 'capture') => ProviderSilent({ purchase_id, operation })
const again = async (shop: Awaited<ReturnType<typeof slice>>) => {
  await shop.hurry()
  await shop.drain()
  return shop.published()
}

test('a provider that is silent for long is told of, and asked on: the void learns what there is to let go', async () => {
  await using shop = await slice(payment, { config: { PAYMENT_PATIENCE: '100ms' } })
  const told = [...(await shop.deliver(authorize(one, 'tok_error_twice'))), ...(await again(shop))]
  assert.deepEqual(told, [silent('authorize')])
  await shop.deliver(voidPayment(one))
  await again(shop)
  await again(shop)
  assert.deepEqual(await booksOf(shop.db, one), ['authorized 2500', 'voided 2500'])
  assert.deepEqual(await shop.db.query(statement('select state from payment')), [{ state: 'voided' }])
})

test('silence is over with the answer, if nobody has called the payment off meanwhile', async () => {
  await using shop = await slice(payment, { config: { PAYMENT_PATIENCE: '100ms' } })
  await shop.deliver(authorize(one, 'tok_error_twice'))
  await again(shop)
  assert.deepEqual((await again(shop)).at(-1), PaymentAuthorized({ purchase_id }))
  assert.deepEqual(await booksOf(shop.db, one), ['authorized 2500'])
})

test('a capture that stays unanswered is told of, and a refund finds out and gives the money back', async () => {
  await using shop = await slice(payment, { config: { PAYMENT_PATIENCE: '1ms', PAYMENT_TIMEOUT: '50ms' } })
  await shop.deliver(authorize(one))
  const held = await holdBooks(shop.db)
  assert.deepEqual(await shop.deliver(capture(one)), [silent('capture')])
  assert.deepEqual(await shop.deliver(refund(one)), [])
  await held[Symbol.asyncDispose]()
  const told = [...(await again(shop)), ...(await again(shop))]
  assert.deepEqual(told.at(-1), PaymentRefunded({ purchase_id }))
  assert.deepEqual(await booksOf(shop.db, one), ['authorized 2500', 'captured 2500', 'refunded 2500'])
})

test('an error of our own is not the provider’s silence', async () => {
  await using shop = await slice(payment, { config: { PAYMENT_PATIENCE: '1ms' } })
  await inSandbox(shop.db, 'alter table sandbox.ledger rename to away')
  assert.deepEqual(await shop.deliver(authorize(one)), [])
  assert.deepEqual(await again(shop), [])
  await inSandbox(shop.db, 'alter table sandbox.away rename to ledger')
  assert.deepEqual(await again(shop), [PaymentAuthorized({ purchase_id })])
})

test('a death between the provider’s answer and its record does not charge twice', async () => {
  let dead = true
  const failpoint = (name: string): void => {
    if (dead && name === 'job.after-perform') throw new Error('died')
  }
  await using shop = await slice(payment, { failpoint })
  assert.deepEqual(await shop.deliver(authorize(one)), [])
  assert.deepEqual(await booksOf(shop.db, one), ['authorized 2500'])
  dead = false
  await shop.hurry()
  await shop.drain()
  assert.deepEqual(await shop.published(), [PaymentAuthorized({ purchase_id })])
  assert.deepEqual(await booksOf(shop.db, one), ['authorized 2500'])
})

test('many payments at once are few statements, and each is paid once', async () => {
  await using shop = await slice(payment)
  const purchases = Array.from({ length: 200 }, (_, n) => purchase(0x100 + n))
  await shop.deliver(...purchases.map((id) => authorize(id)))
  await shop.deliver(...purchases.map(capture))
  const states = await shop.db.query(
    statement<{ state: string; count: number }>('select state, count(*) from payment group by state'),
  )
  assert.deepEqual(states, [{ state: 'captured', count: 200 }])
  assert.deepEqual(await booksOf(shop.db, purchase(0x100 + 199)), ['authorized 2500', 'captured 2500'])
})
