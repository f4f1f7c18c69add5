import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CancelOrder, CompleteOrder, MarkPaid, PlaceOrder } from '@argosy/contracts/messages/order'
import { OrderCancelled, OrderCompleted, OrderPaid, OrderPlaced, OrderRefunded } from '@argosy/contracts/messages/order'
import { replay } from '@kit/decider/decider'
import { given } from '@kit/decider/given'
import { CancelUnpaidOrder, RefundOrder } from './commands.ts'
import { order, toldBefore } from './order.ts'
import type { Event, StepCommand } from './order.ts'

const purchase_id = '01930000-0000-7000-8000-0000000000a1'
const agreed = {
  purchase_id,
  customer_id: '01930000-0000-7000-8000-0000000000c1',
  lines: [{ product_id: '01930000-0000-7000-8000-0000000000b1', name: 'lamp', price: 1250, quantity: 2 }],
  amount: 2500,
  currency_code: 'USD',
}
const place = PlaceOrder(agreed)
const markPaid = MarkPaid({ purchase_id })
const complete = CompleteOrder({ purchase_id })
const cancel = CancelOrder({ purchase_id, reason: 'payment declined' })

const placed = OrderPlaced(agreed)
const paid = OrderPaid({ purchase_id })
const completed = OrderCompleted({ purchase_id })
const cancelled = OrderCancelled({ purchase_id, reason: 'payment declined' })

test('an order is placed, then paid, then completed', () => {
  given(order).when(place).leadsTo(placed)
  given(order, placed).when(markPaid).leadsTo(paid)
  given(order, placed, paid).when(complete).leadsTo(completed)
})

test('an order can be cancelled until it is completed', () => {
  given(order, placed).when(cancel).leadsTo(cancelled)
  given(order, placed, paid).when(cancel).leadsTo(cancelled)
  given(order, placed, paid, completed).when(cancel).leadsTo({ refused: 'completed' })
})

test('an order that was cancelled before it was placed is never placed', () => {
  given(order).when(cancel).leadsTo(cancelled)
  given(order, cancelled).when(place).leadsTo({ refused: 'cancelled' })
})

test('nothing leaves a terminal state', () => {
  for (const command of [place, markPaid, complete]) {
    given(order, placed, cancelled).when(command).leadsTo({ refused: 'cancelled' })
    given(order, placed, paid, cancelled).when(command).leadsTo({ refused: 'cancelled' })
    given(order, placed, paid, completed).when(command).leadsTo()
  }
})

test('nothing can be skipped', () => {
  given(order).when(markPaid).leadsTo({ refused: 'not-placed' })
  given(order).when(complete).leadsTo({ refused: 'not-placed' })
  given(order, placed).when(complete).leadsTo({ refused: 'not-paid' })
})

test('a repeated command changes nothing, even when the order has gone on since', () => {
  given(order, placed).when(place).leadsTo()
  given(order, placed, paid).when(place).leadsTo()
  given(order, placed, paid).when(markPaid).leadsTo()
  given(order, placed, paid, completed).when(markPaid).leadsTo()
  given(order, placed, paid, completed).when(complete).leadsTo()
  given(order, placed, cancelled).when(cancel).leadsTo()
})

test('a repeated command is told what was told the first time', () => {
  const told = (command: StepCommand, ...before: readonly Event[]) => toldBefore(command, replay(order, before))
  assert.deepEqual(told(place, placed, paid), placed)
  assert.deepEqual(told(markPaid, placed, paid), paid)
  assert.deepEqual(told(complete, placed, paid, completed), completed)
  const later = CancelOrder({ purchase_id, reason: 'another reason' })
  assert.deepEqual(told(later, placed, cancelled), cancelled)
})

const cancelUnpaid = CancelUnpaidOrder({ purchase_id, reason: 'not-paid-in-time' })
const lapsed = OrderCancelled({ purchase_id, reason: 'not-paid-in-time' })

test('an order is cancelled as unpaid while it is that, and left alone once it is', () => {
  given(order, placed).when(cancelUnpaid).leadsTo(lapsed)
  given(order, placed, lapsed).when(cancelUnpaid).leadsTo()
  given(order, placed, paid).when(cancelUnpaid).leadsTo({ refused: 'paid' })
  given(order, placed, paid, completed).when(cancelUnpaid).leadsTo({ refused: 'paid' })
  given(order).when(cancelUnpaid).leadsTo({ refused: 'not-placed' })
})

const lamp = agreed.lines[0]?.product_id ?? ''
const refundId = (n: number) => `01930000-0000-7000-8000-0000000000e${n}`
const refund = (n: number, amount?: number, back = 0) =>
  RefundOrder({
    purchase_id,
    refund_id: refundId(n),
    restock: back === 0 ? [] : [{ product_id: lamp, quantity: back }],
    ...(amount !== undefined && { amount }),
  })
const refunded = (n: number, amount: number, remaining: number, back = 0) => {
  const { restock } = refund(n, amount, back).data
  return OrderRefunded({ purchase_id, refund_id: refundId(n), amount, restock, remaining })
}
const sold = [placed, paid, completed] as const

test('a refund is of a part or of all that is left', () => {
  given(order, ...sold)
    .when(refund(1, 1000))
    .leadsTo(refunded(1, 1000, 1500))
  given(order, ...sold)
    .when(refund(1))
    .leadsTo(refunded(1, 2500, 0))
  given(order, ...sold, refunded(1, 1000, 1500))
    .when(refund(2))
    .leadsTo(refunded(2, 1500, 0))
  assert.equal(replay(order, [...sold, refunded(1, 1000, 1500)]).status, 'PARTIALLY_REFUNDED')
  assert.equal(replay(order, [...sold, refunded(1, 2500, 0)]).status, 'REFUNDED')
})

test('never more is given back than was paid, nor more units than were bought', () => {
  given(order, ...sold)
    .when(refund(1, 2501))
    .leadsTo({ refused: 'refund-too-large' })
  given(order, ...sold, refunded(1, 1000, 1500))
    .when(refund(2, 1501))
    .leadsTo({ refused: 'refund-too-large' })
  given(order, ...sold, refunded(1, 2500, 0))
    .when(refund(2, 1))
    .leadsTo({ refused: 'refunded' })
  given(order, ...sold)
    .when(refund(1, 100, 3))
    .leadsTo({ refused: 'restock-too-large' })
  given(order, ...sold, refunded(1, 100, 2400, 2))
    .when(refund(2, 100, 1))
    .leadsTo({ refused: 'restock-too-large' })
})

test('units may come back when all the money has gone back, with no more money', () => {
  const allBack = [...sold, refunded(1, 2500, 0, 1)]
  const late = refunded(2, 0, 0, 1)
  given(order, ...allBack)
    .when(refund(2, undefined, 1))
    .leadsTo(late)
  given(order, ...allBack, late)
    .when(refund(2, undefined, 1))
    .leadsTo()
  given(order, ...allBack)
    .when(refund(2, 1, 1))
    .leadsTo({ refused: 'refund-too-large' })
  given(order, ...allBack, late)
    .when(refund(3, undefined, 1))
    .leadsTo({ refused: 'restock-too-large' })
  given(order, ...allBack)
    .when(refund(2))
    .leadsTo({ refused: 'refunded' })
  assert.equal(replay(order, [...allBack, late]).status, 'REFUNDED')
})

test('the same refund asked twice is one; under its id nothing else is refunded', () => {
  given(order, ...sold, refunded(1, 1000, 1500, 1))
    .when(refund(1, 1000, 1))
    .leadsTo()
  given(order, ...sold, refunded(1, 2500, 0))
    .when(refund(1))
    .leadsTo()
  given(order, ...sold, refunded(1, 2500, 0))
    .when(refund(1, 2500))
    .leadsTo()
  given(order, ...sold, refunded(1, 1000, 1500))
    .when(refund(1, 999))
    .leadsTo({ refused: 'refund-differs' })
  given(order, ...sold, refunded(1, 1000, 1500))
    .when(refund(1))
    .leadsTo({ refused: 'refund-differs' })
  given(order, ...sold, refunded(1, 1000, 1500, 1))
    .when(refund(1, 1000, 2))
    .leadsTo({ refused: 'refund-differs' })
})

test('what is not paid and completed is not refunded, and what is refunded is neither cancelled nor placed again', () => {
  given(order).when(refund(1)).leadsTo({ refused: 'not-placed' })
  given(order, placed).when(refund(1)).leadsTo({ refused: 'not-paid' })
  given(order, placed, paid).when(refund(1)).leadsTo({ refused: 'not-completed' })
  given(order, placed, cancelled).when(refund(1)).leadsTo({ refused: 'cancelled' })
  for (const event of [refunded(1, 1000, 1500), refunded(1, 2500, 0)]) {
    given(order, ...sold, event)
      .when(cancel)
      .leadsTo({ refused: 'completed' })
    for (const command of [place, markPaid, complete])
      given(order, ...sold, event)
        .when(command)
        .leadsTo()
  }
})
