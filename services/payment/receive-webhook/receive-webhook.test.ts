import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { test } from 'node:test'
import { PaymentAuthorized, PaymentPending } from '@argosy/contracts/messages/payment'
import { slice } from '@kit/testing/slice'
import { payment } from '../service.ts'
import {
  authorize,
  authorizeLater,
  booksOf,
  customer,
  post,
  purchase,
  statement,
  stranger,
  transfer,
  voidPayment,
} from '../test-payments.ts'
import type { Delivery } from '../test-payments.ts'

const one = purchase(1)
const purchase_id = one
const OLD = 'whsec_b2xkIG9sZCBvbGQgb2xkIG9sZCBvbGQgb2xk'
const NEW = 'whsec_bmV3IG5ldyBuZXcgbmV3IG5ldyBuZXcgbmV3'
const rotating = { config: { PAYMENT_WEBHOOK_SECRETS: `${NEW},${OLD}` } }

/** As Standard Webhooks says, written down once more. */
const signed = (body: string, at: Date, { secret = NEW, id = 'evt_1' } = {}): Delivery => {
  const timestamp = String(Math.floor(at.getTime() / 1_000))
  const key = Buffer.from(secret.slice('whsec_'.length), 'base64')
  const signature = createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64')
  return { headers: { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': `v1,${signature}` }, body }
}
const authorized = (more = {}): string =>
  JSON.stringify({
    type: 'payment.authorized',
    data: { reference: one, authorization: 'a1', amount: 2500, currency_code: 'USD', ...more },
  })
const countEvents = statement<{ events: number }>('select count(*) as events from webhook_event')
const countJobs = statement<{ jobs: number }>("select count(*) as jobs from job where type = 'payment.apply-webhook'")

const countReferences = statement<{ key: string }>("select key from job where type = 'payment.apply-webhook'")

const deadJobs = statement<{ type: string; attempt: number; reason: string }>(
  'select type, attempt, reason from job where dead_at is not null',
)

type Shop = Awaited<ReturnType<typeof slice>>
const codeOf = async (shop: Shop, delivery: Delivery): Promise<string> => {
  const { status, body } = await post(shop, delivery)
  return `${status} ${Object(body).code ?? ''}`.trim()
}
const nothingHeard = async (shop: Shop): Promise<void> => {
  await shop.drain()
  assert.deepEqual(await shop.published(), [])
  assert.deepEqual(await shop.db.query(countJobs), [{ jobs: 0 }])
}

test('a transfer is acknowledged at once and pays what is pending', async () => {
  await using shop = await slice(payment)
  await shop.deliver(authorizeLater(one))
  const told = await transfer(shop, one)
  assert.equal(await codeOf(shop, told), '202')
  assert.deepEqual(await shop.published(), [])
  await shop.drain()
  assert.deepEqual(await shop.published(), [PaymentAuthorized({ purchase_id })])
})

test('a provider may name the purchase in capitals', async () => {
  await using shop = await slice(payment, rotating)
  const id = '01930000-0000-7000-8000-0000000000fe'
  await shop.deliver(authorizeLater(id))
  const event = authorized({ reference: id.toUpperCase() })
  assert.equal(await codeOf(shop, signed(event, shop.platform.clock.now())), '202')
  assert.deepEqual(await shop.db.query(countReferences), [{ key: id }])
})

test('what is forged, altered or wrongly dated is refused and has no effect', async () => {
  await using shop = await slice(payment, rotating)
  await shop.deliver(authorizeLater(one))
  await shop.published()
  const now = shop.platform.clock.now()
  const good = signed(authorized(), now)
  const minutes = (n: number): Date => new Date(now.getTime() + n * 60_000)
  const without = (name: string): Delivery => {
    const { [name]: _, ...headers } = good.headers
    return { ...good, headers }
  }
  const altered = (headers: Record<string, string>): Delivery => ({ ...good, headers: { ...good.headers, ...headers } })
  const bad: Record<string, Delivery> = {
    'another secret': signed(authorized(), now, { secret: 'whsec_Zm9yZ2VkIGZvcmdlZCBmb3JnZWQgZm9yZ2Vk' }),
    'another amount': { ...good, body: authorized({ amount: 1 }) },
    'the same JSON with a space': { ...good, body: good.body.replace(':', ': ') },
    'another id': altered({ 'webhook-id': 'evt_2' }),
    'another time': altered({ 'webhook-timestamp': String(Number(good.headers['webhook-timestamp']) + 1) }),
    'a time that is no number': altered({ 'webhook-timestamp': 'now' }),
    'another version': altered({ 'webhook-signature': good.headers['webhook-signature']?.replace('v1', 'v1a') ?? '' }),
    'half a signature': altered({ 'webhook-signature': good.headers['webhook-signature']?.slice(0, 20) ?? '' }),
    'an empty signature': altered({ 'webhook-signature': '' }),
    'no id': without('webhook-id'),
    'no time': without('webhook-timestamp'),
    'no signature': without('webhook-signature'),
    'signed 6 minutes ago': signed(authorized(), minutes(-6)),
    'signed 6 minutes ahead': signed(authorized(), minutes(6)),
  }
  for (const [what, delivery] of Object.entries(bad))
    assert.equal(await codeOf(shop, delivery), '403 webhook-not-signed', what)
  assert.equal(
    await codeOf(shop, signed('{"type":"payment.authorized","data":{"amount":1}}', now)),
    '400 invalid-request',
  )
  assert.deepEqual(await shop.db.query(countEvents), [{ events: 0 }])
  await nothingHeard(shop)
})

test('either of two secrets will do, and one signature of several', async () => {
  await using shop = await slice(payment, rotating)
  const now = shop.platform.clock.now()
  assert.equal(await codeOf(shop, signed('{"type":"x","data":{}}', now, { secret: OLD, id: 'evt_old' })), '202')
  assert.equal(await codeOf(shop, signed('{"type":"x","data":{}}', now, { secret: NEW, id: 'evt_new' })), '202')
  const both = signed('{"type":"x","data":{}}', now, { secret: OLD, id: 'evt_both' })
  const headers = { ...both.headers, 'webhook-signature': `v1,AAAA v2,xyz ${both.headers['webhook-signature']}` }
  assert.equal(await codeOf(shop, { ...both, headers }), '202')
})

test('a replay is refused; the same event signed anew is acknowledged again, and counts once', async () => {
  await using shop = await slice(payment, rotating)
  await shop.deliver(authorizeLater(one))
  await shop.published()
  const first = signed(authorized(), shop.platform.clock.now())
  assert.equal(await codeOf(shop, first), '202')
  assert.equal(await codeOf(shop, first), '409 webhook-replayed')
  shop.platform.clock.advance(60_000)
  assert.equal(await codeOf(shop, first), '409 webhook-replayed')
  const anew = signed(authorized(), shop.platform.clock.now())
  assert.equal(await codeOf(shop, anew), '202')
  // The overheard first one is older than what was acknowledged since.
  assert.equal(await codeOf(shop, first), '409 webhook-replayed')
  shop.platform.clock.advance(60_000)
  assert.equal(await codeOf(shop, signed(authorized({ amount: 1 }), shop.platform.clock.now())), '409 webhook-replayed')
  await shop.drain()
  assert.deepEqual(await shop.published(), [PaymentAuthorized({ purchase_id })])
})

test('an event at once from many sides is stored once', async () => {
  await using shop = await slice(payment, rotating)
  const delivery = signed(authorized(), shop.platform.clock.now())
  const answers = await Promise.all(Array.from({ length: 10 }, () => codeOf(shop, delivery)))
  assert.equal(answers.filter((answer) => answer === '202').length, 1)
  assert.deepEqual(await shop.db.query(countJobs), [{ jobs: 1 }])
})

test('an event before its payment is applied once that is asked for, days later too', async () => {
  await using shop = await slice(payment, rotating)
  assert.equal(await codeOf(shop, signed(authorized(), shop.platform.clock.now())), '202')
  for (let tries = 0; tries < 20; tries++) {
    await shop.drain()
    await shop.hurry()
  }
  shop.platform.clock.advance(3 * 86_400_000)
  const told = [...(await shop.deliver(authorizeLater(one)))]
  await shop.hurry()
  await shop.drain()
  told.push(...(await shop.published()))
  assert.deepEqual(told.slice(0, 2), [PaymentPending({ purchase_id }), PaymentAuthorized({ purchase_id })])
})

test('an event of a type that says nothing to us is stored and passed over', async () => {
  await using shop = await slice(payment, rotating)
  assert.equal(
    await codeOf(shop, signed('{"type":"charge.disputed","data":{"x":1}}', shop.platform.clock.now())),
    '202',
  )
  assert.deepEqual(await shop.db.query(countEvents), [{ events: 1 }])
  await nothingHeard(shop)
})

test('a second transfer, and one of another sum, go back', async () => {
  await using shop = await slice(payment)
  await shop.deliver(authorizeLater(one))
  for (const amount of [2400, 2500, 2500]) {
    await post(shop, await transfer(shop, one, amount))
    await shop.drain()
  }
  assert.deepEqual((await booksOf(shop.db, one)).toSorted(), [
    'authorized 2400',
    'authorized 2500',
    'authorized 2500',
    'voided 2400',
    'voided 2500',
  ])
})

test('money that is held for another payment is neither taken nor let go: a person must look, at once', async () => {
  await using shop = await slice(payment, rotating)
  await shop.deliver(authorize(purchase(2)))
  await shop.deliver(authorizeLater(one))
  const foreign = authorized({ authorization: `auth_${purchase(2)}/authorize` })
  assert.equal(await codeOf(shop, signed(foreign, shop.platform.clock.now())), '202')
  await shop.drain()
  const reason = `PermanentFailure: the authorization auth_${purchase(2)}/authorize is of the payment ${purchase(2)}, not ${one}`
  assert.deepEqual(await shop.db.query(deadJobs), [{ type: 'payment.apply-webhook', attempt: 1, reason }])
  assert.deepEqual(await booksOf(shop.db, purchase(2)), ['authorized 2500'])
  // The payment still waits for money of its own.
  await post(shop, await transfer(shop, one))
  await shop.drain()
  assert.deepEqual((await shop.published()).at(-1), PaymentAuthorized({ purchase_id }))
})

test('what the provider refuses for ever it is asked once', async () => {
  await using shop = await slice(payment, rotating)
  await shop.deliver(authorizeLater(one))
  const { data } = JSON.parse((await transfer(shop, one)).body)
  // Surplus, and of another sum than the provider holds.
  const told = signed(authorized({ authorization: data.authorization, amount: 1 }), shop.platform.clock.now())
  assert.equal(await codeOf(shop, told), '202')
  await shop.drain()
  const reason = `PermanentFailure: ${data.authorization} cannot be voided for ${one}`
  assert.deepEqual(await shop.db.query(deadJobs), [{ type: 'payment.call-provider', attempt: 1, reason }])
})

test('what the provider says beyond what we know of decides nothing: surplus is released, not captured', async () => {
  await using shop = await slice(payment, rotating)
  await shop.deliver(authorizeLater(one))
  const { body } = await transfer(shop, one)
  await shop.deliver(voidPayment(one))
  const { type, data } = JSON.parse(body)
  const more = { operation: 'capture', purchase_id: purchase(2), card_token: 'tok_approve', number: 7 }
  const told = signed(JSON.stringify({ type, data: { ...data, ...more } }), shop.platform.clock.now())
  assert.equal(await codeOf(shop, told), '202')
  await shop.drain()
  assert.deepEqual(await booksOf(shop.db, one), ['authorized 2500', 'voided 2500'])
})

test('a transfer that is repeated with its key is one, and tells the same event', async () => {
  await using shop = await slice(payment)
  await shop.deliver(authorizeLater(one))
  const send = async (amount: number): Promise<Delivery> => {
    const asked = { as: { id: customer }, headers: { 'idempotency-key': 'once' }, body: { purchase_id: one, amount } }
    return (await shop.request('POST', '/api/v1/payments/sandbox/transfers', asked)).body as Delivery
  }
  const unheard = await send(2500)
  shop.platform.clock.advance(5_000)
  const again = await send(2400)
  assert.equal(again.body, unheard.body)
  assert.equal(again.headers['webhook-id'], unheard.headers['webhook-id'])
  for (const told of [unheard, again]) assert.equal(await codeOf(shop, told), '202')
  await shop.drain()
  assert.deepEqual(await booksOf(shop.db, one), ['authorized 2500'])
})

test('only the customer’s own payments can be played with', async () => {
  await using shop = await slice(payment)
  await shop.deliver(authorizeLater(one))
  const ask = (id: string, who: string) =>
    shop.request('POST', '/api/v1/payments/sandbox/transfers', { as: { id: who }, body: { purchase_id: id } })
  assert.equal((await ask(one, stranger)).status, 404)
  assert.equal((await ask(purchase(9), customer)).status, 404)
})
