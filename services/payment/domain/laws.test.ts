import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  AuthorizePayment,
  CapturePayment,
  PaymentRefunded,
  PaymentVoided,
  RefundPayment,
  VoidPayment,
} from '@argosy/contracts/messages/payment'
import fc from 'fast-check'
import { decide, learn } from './decide.ts'
import type { Decision } from './decide.ts'
import type { Command, Operation, Outcome, Payment } from './payment.ts'

// Any commands in any order, a provider that says yes or no as it likes: the laws of money hold.

const purchase_id = '01930000-0000-7000-8000-0000000000a1'
const customer_id = '01930000-0000-7000-8000-0000000000c1'
const command: fc.Arbitrary<Command> = fc.constantFrom<Command>(
  AuthorizePayment({ purchase_id, customer_id, amount: 100, currency_code: 'USD' }),
  CapturePayment({ purchase_id }),
  VoidPayment({ purchase_id }),
  RefundPayment({ purchase_id }),
)
/** Either a command comes, or the call under way comes back, with the provider willing or not. */
const step = fc.oneof(command, fc.boolean())

/** What the provider's books would say. */
type Books = { authorized: number; captured: number; givenBack: number }

const outcomeOf = (call: Operation, willing: boolean, books: Books): Outcome => {
  switch (call) {
    case 'authorize':
      if (!willing) return { is: 'declined', reason: 'card-declined' }
      books.authorized++
      return { is: 'authorized', authorization: 'auth_1' }
    case 'capture':
      if (!willing) return { is: 'uncaptured', reason: 'capture-refused' }
      books.captured++
      return { is: 'captured' }
    case 'void':
      assert.equal(books.captured, 0, 'what is captured cannot be voided')
      books.givenBack++
      return { is: 'voided' }
    case 'refund':
      assert.equal(books.captured, 1, 'only what is captured can be refunded')
      books.givenBack++
      return { is: 'refunded' }
  }
}

test('at most one call at a time, one authorization, one capture; given back once, and all of it when told so', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
      const books: Books = { authorized: 0, captured: 0, givenBack: 0 }
      let payment: Payment = { state: 'absent' }
      let underWay: Operation | undefined
      const take = ({ payment: after, call, reply }: Decision): void => {
        payment = after
        if (call !== undefined) {
          assert.equal(underWay, undefined, `${call} while ${underWay} is under way`)
          underWay = call
        }
        if (reply?.type === PaymentVoided.type || reply?.type === PaymentRefunded.type) {
          assert.equal(underWay, undefined)
          assert.equal(books.authorized, books.givenBack, 'told that it is given back while some is held')
        }
      }
      const comeBack = (call: Operation, willing: boolean): void => {
        underWay = undefined
        take(learn(payment, purchase_id, outcomeOf(call, willing, books)))
      }
      for (const one of steps) {
        if (typeof one !== 'boolean') take(decide(payment, one))
        else if (underWay !== undefined) comeBack(underWay, one)
        assert.ok(books.authorized <= 1 && books.captured <= 1 && books.givenBack <= books.authorized)
      }
      // Whatever came before: a void is acknowledged in the end, with nothing held.
      take(decide(payment, VoidPayment({ purchase_id })))
      for (let calls = 0; calls < 3 && underWay !== undefined; calls++) comeBack(underWay, true)
      assert.equal(decide(payment, VoidPayment({ purchase_id })).reply?.type, PaymentVoided.type)
      assert.equal(books.authorized, books.givenBack)
    }),
    { numRuns: 2_000 },
  )
})
