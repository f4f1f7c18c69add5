import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  ReleaseStock,
  ReserveStock,
  StockRefused,
  StockReleased,
  StockReserved,
} from '@argosy/contracts/messages/inventory'
import { StockCommitted } from '@argosy/contracts/messages/inventory'
import {
  CancelOrder,
  OrderCancelled,
  OrderCompleted,
  OrderPaid,
  OrderPlaced,
  PlaceOrder,
} from '@argosy/contracts/messages/order'
import {
  AuthorizePayment,
  PaymentAuthorized,
  PaymentCaptured,
  PaymentDeclined,
  PaymentPending,
  PaymentVoided,
  ProviderSilent,
  VoidPayment,
} from '@argosy/contracts/messages/payment'
import { PurchaseCompleted, PurchaseFailed } from '@argosy/contracts/messages/purchase'
import { sql } from '@kit/postgres/statement'
import { Changes } from '@kit/saga/running/changes'
import { sweepDeadlines } from '@kit/saga/running/deadlines'
import { SagaMemory } from '@kit/saga/running/memory'
import { listOpenSagas, retrySaga, showSaga } from '../inspect.ts'
import { purchaseSaga } from '../purchase-saga.ts'
import { ada, bought, eve, fan, lamp, openShop } from '../test-shop.ts'

const makeDue = sql(import.meta.url, 'test-make-due.sql')

const lines = [{ product_id: lamp, name: 'Lamp', price: 1_250, quantity: 2, seller_id: eve }]
const saleOf = (purchase_id: string) => ({ purchase_id, customer_id: ada, lines, amount: 2_500, currency_code: 'USD' })

type Shop = Awaited<ReturnType<typeof openShop>>
const statusOf = async (shop: Shop, id: string) => (await showSaga(shop.db, id))?.status
const whatHappened = async (shop: Shop, id: string) =>
  ((await showSaga(shop.db, id))?.history ?? [])
    .filter(({ what }) => what !== 'ignored')
    .map(({ what, step, detail }) => [what, step, detail].filter(Boolean).join(' '))

/** The sweep that otherwise runs every second, once all deadlines have passed. */
const sweep = async (shop: Shop) => {
  await shop.db.query(makeDue)
  const { platform, transact } = shop.foundation
  return sweepDeadlines({ saga: purchaseSaga, changes: new Changes(), memory: new SagaMemory(), platform, transact })
}

test('every reply moves the purchase on by one step, to its end', async () => {
  await using shop = await openShop()
  const purchase_id = await bought(shop)
  const id = { purchase_id }
  await shop.published()
  assert.deepEqual(await shop.deliver(StockReserved(id)), [PlaceOrder(saleOf(purchase_id))])
  const { purchase_id: _, ...charge } = { ...saleOf(purchase_id), lines: undefined }
  assert.deepEqual(await shop.deliver(OrderPlaced(saleOf(purchase_id))), [
    AuthorizePayment({
      purchase_id,
      customer_id: charge.customer_id,
      amount: 2_500,
      currency_code: 'USD',
    }),
  ])
  assert.deepEqual(
    (await shop.deliver(PaymentAuthorized(id))).map(({ type }) => type),
    ['order.mark-paid.v1'],
  )
  assert.deepEqual(
    (await shop.deliver(OrderPaid(id))).map(({ type }) => type),
    ['payment.capture-payment.v1'],
  )
  assert.deepEqual(
    (await shop.deliver(PaymentCaptured({ ...id, amount: 2_500, currency_code: 'USD' })))
      .map(({ type }) => type)
      .toSorted(),
    ['inventory.commit-stock.v1', 'order.complete-order.v1'],
  )
  assert.deepEqual(await shop.deliver(OrderCompleted(id)), [])
  assert.deepEqual(await shop.deliver(StockCommitted(id)), [PurchaseCompleted(saleOf(purchase_id))])
  assert.equal(await statusOf(shop, purchase_id), 'completed')
})

test('the order, the charge and the end have the amount of a line that was converted', async () => {
  await using shop = await openShop()
  const purchase_id = await bought(shop, { lines: [[fan, 9]] })
  const id = { purchase_id }
  // 450,000 dong at 25,400 to the dollar; nine at the price that is shown of one would be a cent more.
  const line = { product_id: fan, name: 'Fan', price: 197, quantity: 9, seller_id: eve, amount: 1_772 }
  const sale = { ...saleOf(purchase_id), lines: [line], amount: 1_772 }
  await shop.published()
  assert.deepEqual(await shop.deliver(StockReserved(id)), [PlaceOrder(sale)])
  const [charge] = await shop.deliver(OrderPlaced(sale))
  assert.equal(Object(charge?.data).amount, 1_772)
  await shop.deliver(PaymentAuthorized(id))
  await shop.deliver(OrderPaid(id))
  await shop.deliver(PaymentCaptured({ ...id, amount: 1_772, currency_code: 'USD' }))
  await shop.deliver(OrderCompleted(id))
  assert.deepEqual(await shop.deliver(StockCommitted(id)), [PurchaseCompleted(sale)])
})

test('a decline is undone step by step, and told after the last undo', async () => {
  await using shop = await openShop()
  const purchase_id = await bought(shop)
  const id = { purchase_id }
  await shop.deliver(StockReserved(id))
  await shop.deliver(OrderPlaced(saleOf(purchase_id)))
  assert.deepEqual(await shop.deliver(PaymentDeclined({ ...id, reason: 'card-declined' })), [
    CancelOrder({ ...id, reason: 'card-declined' }),
  ])
  assert.deepEqual(await shop.deliver(OrderCancelled({ ...id, reason: 'card-declined' })), [ReleaseStock(id)])
  assert.deepEqual(await shop.deliver(StockReleased(id)), [
    PurchaseFailed({
      ...saleOf(purchase_id),
      outcome: 'refused',
      step: 'authorize payment',
      reason: 'card-declined',
    }),
  ])
  assert.deepEqual(await whatHappened(shop, purchase_id), [
    'asked reserve stock',
    'done reserve stock',
    'asked place order',
    'done place order',
    'asked authorize payment',
    'refused authorize payment card-declined',
    'undo-asked place order',
    'undone place order',
    'undo-asked reserve stock',
    'undone reserve stock',
    'ended authorize payment refused',
  ])
})

const placedLater = async (shop: Shop) => {
  const purchase_id = await bought(shop, { method: 'transfer' })
  const later = { ...saleOf(purchase_id), payment_method: 'transfer' as const }
  await shop.published()
  await shop.deliver(StockReserved({ purchase_id }))
  return { purchase_id, later, asked: await shop.deliver(OrderPlaced(later)) }
}
const seenBy = async (shop: Shop, id: string) => {
  const { body } = await shop.request('GET', `/api/v1/purchases/${id}`, { as: { id: ada } })
  const { status, step, reason, payment_method } = Object(body)
  return { status, step, reason, payment_method }
}

test('a purchase that is paid later rests, is no open one any more, and goes on when it is paid', async () => {
  await using shop = await openShop()
  const { purchase_id, later, asked } = await placedLater(shop)
  const id = { purchase_id }
  assert.equal(Object(asked[0]?.data).payment_method, 'transfer')
  assert.deepEqual(await shop.deliver(PaymentPending(id)), [])
  assert.equal(await statusOf(shop, purchase_id), 'resting')
  assert.deepEqual(await seenBy(shop, purchase_id), {
    status: 'pending',
    step: 'authorize payment',
    reason: undefined,
    payment_method: 'transfer',
  })
  assert.deepEqual(await listOpenSagas(shop.db), [])
  assert.equal(await sweep(shop), 0)
  assert.equal(await retrySaga(shop.db, purchase_id), false)
  assert.deepEqual(
    (await shop.deliver(PaymentAuthorized(id))).map(({ type }) => type),
    ['order.mark-paid.v1'],
  )
  assert.equal((await listOpenSagas(shop.db)).length, 1)
  await shop.deliver(OrderPaid(id))
  await shop.deliver(PaymentCaptured({ ...id, amount: 2_500, currency_code: 'USD' }))
  await shop.deliver(StockCommitted(id))
  assert.deepEqual(await shop.deliver(OrderCompleted(id)), [PurchaseCompleted(later)])
  assert.ok((await whatHappened(shop, purchase_id)).includes('resting authorize payment'))
})

test('an order that is cancelled calls its purchase off, whether it rests already or not', async () => {
  for (const rests of [true, false]) {
    await using shop = await openShop()
    const { purchase_id, later } = await placedLater(shop)
    const id = { purchase_id }
    if (rests) await shop.deliver(PaymentPending(id))
    assert.deepEqual(await shop.deliver(OrderCancelled({ ...id, reason: 'expired' })), [VoidPayment(id)])
    if (!rests) await shop.deliver(PaymentPending(id))
    assert.deepEqual(await shop.deliver(PaymentVoided(id)), [CancelOrder({ ...id, reason: 'expired' })])
    assert.deepEqual(await shop.deliver(OrderCancelled({ ...id, reason: 'expired' })), [ReleaseStock(id)])
    assert.deepEqual(await shop.deliver(StockReleased(id)), [
      PurchaseFailed({ ...later, outcome: 'cancelled', step: 'authorize payment', reason: 'expired' }),
    ])
    assert.deepEqual(await seenBy(shop, purchase_id), {
      status: 'cancelled',
      step: 'authorize payment',
      reason: 'expired',
      payment_method: 'transfer',
    })
  }
})

test('replies of many purchases in one batch, several of one among them, are applied in order', async () => {
  await using shop = await openShop()
  const ids = await Promise.all(Array.from({ length: 30 }, () => bought(shop)))
  await shop.published()
  const [first = ''] = ids
  const sent = await shop.deliver(
    ...ids.map((purchase_id) => StockReserved({ purchase_id })),
    OrderPlaced(saleOf(first)),
    PaymentAuthorized({ purchase_id: first }),
  )
  // The replies come on three topics; those of one purchase may be read in any order, and its deadline mends that.
  assert.equal(sent.filter(({ type }) => type === PlaceOrder.type).length, 30)
})

test('silence: asked again however often, and the answer goes on with it', async () => {
  await using shop = await openShop()
  const purchase_id = await bought(shop)
  const id = { purchase_id }
  await shop.published()
  for (let i = 0; i < 12; i++) assert.equal(await sweep(shop), 1)
  assert.deepEqual(await shop.published(), [ReserveStock({ purchase_id, lines: [{ product_id: lamp, quantity: 2 }] })])
  assert.deepEqual((await whatHappened(shop, purchase_id)).slice(-2), [
    'timed-out reserve stock',
    'asked reserve stock attempt 13',
  ])
  const [open] = await listOpenSagas(shop.db)
  assert.ok(open?.deadline instanceof Date)
  const wait = open.deadline.getTime() - open.updated_at.getTime()
  assert.equal(Math.round(wait / 1_000), 600, 'ever more seldom, and at least every ten minutes')
  assert.deepEqual(await shop.deliver(StockReserved(id)), [PlaceOrder(saleOf(purchase_id))])
})

test('the provider is silent: undone from there, told as the reason, and an answer after that changes nothing', async () => {
  await using shop = await openShop()
  const purchase_id = await bought(shop)
  const id = { purchase_id }
  await shop.deliver(StockReserved(id))
  await shop.deliver(OrderPlaced(saleOf(purchase_id)))
  const silent = ProviderSilent({ ...id, operation: 'authorize' })
  assert.deepEqual(await shop.deliver(silent), [VoidPayment(id)])
  assert.deepEqual(await shop.deliver(PaymentAuthorized(id)), [])
  assert.deepEqual(await shop.deliver(PaymentVoided(id)), [CancelOrder({ ...id, reason: 'provider-silent' })])
  assert.deepEqual(await shop.deliver(OrderCancelled({ ...id, reason: 'provider-silent' })), [ReleaseStock(id)])
  assert.deepEqual(await shop.deliver(StockReleased(id)), [
    PurchaseFailed({
      ...saleOf(purchase_id),
      outcome: 'cancelled',
      step: 'authorize payment',
      reason: 'provider-silent',
    }),
  ])
  assert.equal((await seenBy(shop, purchase_id)).reason, 'provider-silent')
})

test('what is not due is left alone, and a retry by hand is due at once', async () => {
  await using shop = await openShop()
  const purchase_id = await bought(shop)
  const { platform, transact } = shop.foundation
  const sweeping = { saga: purchaseSaga, changes: new Changes(), memory: new SagaMemory(), platform, transact }
  assert.equal(await sweepDeadlines(sweeping), 0)
  assert.deepEqual(
    (await listOpenSagas(shop.db)).map(({ id, step }) => `${id} ${step}`),
    [`${purchase_id} reserve stock`],
  )
  assert.ok(await retrySaga(shop.db, purchase_id))
  await shop.db.query(sql(import.meta.url, 'test-make-old.sql'))
  assert.equal(await sweepDeadlines(sweeping), 1)
  assert.deepEqual((await whatHappened(shop, purchase_id)).slice(1), ['retried reserve stock', 'asked reserve stock'])
})

test('a reply for no purchase is passed over', async () => {
  await using shop = await openShop()
  assert.deepEqual(await shop.deliver(StockReserved({ purchase_id: ada })), [])
})

test('an ended purchase stays as it ended and cannot be retried', async () => {
  await using shop = await openShop()
  const purchase_id = await bought(shop)
  const id = { purchase_id }
  await shop.deliver(StockRefused({ ...id, reason: 'out-of-stock' }))
  assert.deepEqual(await shop.deliver(StockReserved(id), StockReleased(id)), [])
  assert.equal(await statusOf(shop, purchase_id), 'refused')
  assert.equal(await retrySaga(shop.db, purchase_id), false)
  assert.deepEqual(await listOpenSagas(shop.db), [])
})
