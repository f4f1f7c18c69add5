import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Payment } from './payment.ts'
import { decideRefund } from './refund.ts'

const terms = { customer_id: 'c', amount: 100, currency_code: 'USD' }
const captured: Payment = { state: 'captured', terms, authorization: 'auth_1' }
const refund = (refund_id: string, amount: number, state: 'pending' | 'issued' = 'issued') => ({
  refund_id,
  amount,
  state,
})

test('money is given back in parts, never more in all than was captured', () => {
  assert.deepEqual(decideRefund(captured, [], { refund_id: 'a', amount: 100 }), { is: 'issue' })
  const sixty = [refund('a', 40), refund('b', 20, 'pending')]
  assert.deepEqual(decideRefund(captured, sixty, { refund_id: 'c', amount: 40 }), { is: 'issue' })
  assert.deepEqual(decideRefund(captured, sixty, { refund_id: 'c', amount: 41 }), {
    is: 'impossible',
    reason: 'only 40 of it is left',
  })
})

test('the same refund asked again is the same one, however it stands', () => {
  const all = [refund('a', 60), refund('b', 40, 'pending')]
  assert.deepEqual(decideRefund(captured, all, { refund_id: 'a', amount: 60 }), { is: 'issued', refund: all[0] })
  assert.deepEqual(decideRefund(captured, all, { refund_id: 'b', amount: 40 }), { is: 'pending' })
})

test('what is not captured cannot be given back in part', () => {
  const payment: Payment = { ...captured, state: 'authorized' }
  assert.deepEqual(decideRefund(payment, [], { refund_id: 'a', amount: 1 }), {
    is: 'impossible',
    reason: 'the payment is authorized',
  })
})
