import {
  CaptureRefused,
  PaymentAuthorized,
  PaymentDeclined,
  PaymentTryDeclined,
} from '@argosy/contracts/messages/payment'
import { captured, givenBack, held, toRefund, toVoid } from './decision.ts'
import type { Decision } from './decision.ts'
import type { Holding, Outcome, Payment, Terms } from './payment.ts'

/** What the outcome of a call leads to. One that the payment does not wait for changes nothing; money is not kept by it. */
export const learn = (payment: Payment, purchase_id: string, outcome: Outcome): Decision => {
  switch (payment.state) {
    case 'authorizing':
      if (outcome.is === 'authorized') return hold(payment, purchase_id, outcome.authorization)
      return outcome.is === 'declined' ? declined(payment, purchase_id, outcome.reason) : { payment }
    case 'cancelling':
      if (outcome.is === 'authorized') return toVoid({ ...payment, authorization: outcome.authorization }, payment.owed)
      if (outcome.is !== 'declined') return { payment }
      return { payment: { state: 'voided', terms: payment.terms }, reply: givenBack(purchase_id, payment.owed) }
    case 'capturing':
      if (outcome.is === 'captured')
        return { payment: { ...payment, state: 'captured' }, reply: captured(payment, purchase_id) }
      if (outcome.is !== 'uncaptured') return late(payment, outcome)
      return {
        payment: { ...payment, state: 'uncaptured', reason: outcome.reason },
        reply: CaptureRefused({ purchase_id, reason: outcome.reason }),
      }
    case 'returning':
      if (outcome.is === 'captured') return toRefund(payment, payment.owed)
      return outcome.is === 'uncaptured' ? toVoid(payment, payment.owed) : late(payment, outcome)
    case 'voiding':
      if (outcome.is !== 'voided') return late(payment, outcome)
      return { payment: { ...held(payment), state: 'voided' }, reply: givenBack(purchase_id, payment.owed) }
    case 'refunding':
      if (outcome.is !== 'refunded') return late(payment, outcome)
      return { payment: { ...held(payment), state: 'refunded' }, reply: givenBack(purchase_id, payment.owed) }
    case 'absent':
    case 'pending':
    case 'authorized':
    case 'captured':
    case 'uncaptured':
    case 'declined':
    case 'voided':
    case 'refunded':
      return late(payment, outcome)
  }
}

/**
 * What it leads to that the provider says by itself: this money is held for the payment. The payment waits for money: it takes
 * it, if it is what was agreed. Any other is surplus: a second transfer, one too late, one of another amount. A call that is
 * under way is not disturbed: should it bring money as well, that is surplus then. Too early: the payment is not known yet.
 */
export const hear = (payment: Payment, purchase_id: string, holding: Holding): Decision => {
  switch (payment.state) {
    case 'absent':
      return { payment, early: true }
    case 'pending':
    case 'authorizing':
      return isAgreed(payment.terms, holding)
        ? hold(payment, purchase_id, holding.authorization)
        : { payment, release: holding }
    case 'cancelling':
    case 'authorized':
    case 'capturing':
    case 'captured':
    case 'uncaptured':
    case 'returning':
    case 'voiding':
    case 'refunding':
    case 'declined':
    case 'voided':
    case 'refunded':
      return isOwn(payment, holding.authorization) ? { payment } : { payment, release: holding }
  }
}

/** The outcome of a try that was overtaken: what it has brought is released, what it has not needs nothing. */
const late = (payment: Payment, outcome: Outcome): Decision => {
  if (outcome.is !== 'authorized' || isOwn(payment, outcome.authorization)) return { payment }
  if (!('terms' in payment) || payment.terms === undefined) return { payment }
  const { amount, currency_code } = payment.terms
  return { payment, release: { authorization: outcome.authorization, amount, currency_code } }
}

type Waiting = Extract<Payment, { state: 'pending' | 'authorizing' }>

const hold = ({ terms }: Waiting, purchase_id: string, authorization: string): Decision => ({
  payment: { state: 'authorized', terms, authorization },
  reply: PaymentAuthorized({ purchase_id }),
})

/** At once: the payment is over. Later: the customer may try again. */
const declined = (
  { terms, tries }: Extract<Payment, { state: 'authorizing' }>,
  purchase_id: string,
  reason: string,
): Decision => {
  if (tries === undefined)
    return { payment: { state: 'declined', terms, reason }, reply: PaymentDeclined({ purchase_id, reason }) }
  const { customer_id, amount, currency_code } = terms
  const reply = PaymentTryDeclined({ purchase_id, customer_id, number: tries, amount, currency_code, reason })
  return { payment: { state: 'pending', terms, tries }, reply }
}

const isAgreed = ({ amount, currency_code }: Terms, holding: Holding): boolean =>
  amount === holding.amount && currency_code === holding.currency_code

const isOwn = (payment: Payment, authorization: string): boolean =>
  'authorization' in payment && payment.authorization === authorization
