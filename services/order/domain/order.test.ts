import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CancelOrder, CompleteOrder, MarkPaid, PlaceOrder } from '@argosy/contracts/messages/order'
import { OrderCancelled, OrderCompleted, OrderPaid, OrderPlaced } from '@argosy/contracts/messages/order'
import { replay } from '@kit/decider/decider'
import { given } from '@kit/decider/given'
import { order, toldBefore } from './order.ts'
import type { Command, Event } from './order.ts'

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
  const told = (command: Command, ...before: readonly Event[]) => toldBefore(command, replay(order, before))
  assert.deepEqual(told(place, placed, paid), placed)
  assert.deepEqual(told(markPaid, placed, paid), paid)
  assert.deepEqual(told(complete, placed, paid, completed), completed)
  const later = CancelOrder({ purchase_id, reason: 'another reason' })
  assert.deepEqual(told(later, placed, cancelled), cancelled)
})
