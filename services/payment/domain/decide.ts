import {
  AuthorizePayment,
  CapturePayment,
  CaptureRefused,
  PaymentAuthorized,
  PaymentDeclined,
  PaymentPending,
  PayPending,
  RefundPayment,
  VoidPayment,
} from '@argosy/contracts/messages/payment'
import { captured, givenBack, toRefund, toVoid } from './decision.ts'
import type { Decision } from './decision.ts'
import type { Command, Payment, Undo } from './payment.ts'

/**
 * What a command leads to. One that is asked again gets the same reply again, or none while the provider is being asked:
 * then the outcome brings it.
 */
export const decide = (payment: Payment, command: Command): Decision => {
  switch (command.type) {
    case AuthorizePayment.type:
      return authorize(payment, command.data)
    case CapturePayment.type:
      return capture(payment, command.data.purchase_id)
    case VoidPayment.type:
      return giveBack(payment, command.data.purchase_id, 'void')
    case RefundPayment.type:
      return giveBack(payment, command.data.purchase_id, 'refund')
    case PayPending.type:
      return payPending(payment, command.data.card_token)
  }
}

const authorize = (
  payment: Payment,
  { purchase_id, payment_method, ...terms }: ReturnType<typeof AuthorizePayment>['data'],
): Decision => {
  const pending = PaymentPending({ purchase_id })
  switch (payment.state) {
    case 'absent':
      // What costs nothing cannot be paid later.
      if (payment_method === 'transfer' && terms.amount > 0)
        return { payment: { state: 'pending', terms, tries: 0 }, reply: pending }
      return { payment: { state: 'authorizing', terms }, call: 'authorize' }
    case 'pending':
      return { payment, reply: pending }
    case 'authorizing':
      return payment.tries === undefined ? { payment } : { payment, reply: pending }
    case 'authorized':
    case 'capturing':
    case 'captured':
    case 'uncaptured':
      return { payment, reply: PaymentAuthorized({ purchase_id }) }
    case 'declined':
      return { payment, reply: PaymentDeclined({ purchase_id, reason: payment.reason }) }
    case 'cancelling':
    case 'returning':
    case 'voiding':
    case 'refunding':
    case 'voided':
    case 'refunded':
      return { payment, reply: PaymentDeclined({ purchase_id, reason: 'voided' }) }
  }
}

/**
 * Only what is pending is paid. While another try is under way nobody knows whether this one is needed: it waits, and pays should
 * the other be declined. Once something is held, there is nothing more to pay.
 */
const payPending = (payment: Payment, card_token: string | undefined): Decision => {
  if (payment.state === 'absent' || isTried(payment)) return { payment, early: true }
  if (payment.state !== 'pending') return { payment }
  const { card_token: _, ...terms } = payment.terms
  const byCard = card_token === undefined ? terms : { ...terms, card_token }
  return { payment: { state: 'authorizing', terms: byCard, tries: payment.tries + 1 }, call: 'authorize' }
}

const isTried = (payment: Payment): boolean => payment.state === 'authorizing' && payment.tries !== undefined

const capture = (payment: Payment, purchase_id: string): Decision => {
  switch (payment.state) {
    case 'authorized':
      return { payment: { ...payment, state: 'capturing' }, call: 'capture' }
    case 'capturing':
      return { payment }
    case 'captured':
      return { payment, reply: captured(payment, purchase_id) }
    case 'uncaptured':
      return { payment, reply: CaptureRefused({ purchase_id, reason: payment.reason }) }
    case 'absent':
    case 'pending':
    case 'authorizing':
    case 'declined':
      return { payment, reply: CaptureRefused({ purchase_id, reason: 'not-authorized' }) }
    case 'cancelling':
    case 'returning':
    case 'voiding':
    case 'refunding':
    case 'voided':
    case 'refunded':
      return { payment, reply: CaptureRefused({ purchase_id, reason: 'voided' }) }
  }
}

/** Void and refund want the same: that the customer has all of the money again. They differ in what is told then. */
const giveBack = (payment: Payment, purchase_id: string, owed: Undo): Decision => {
  switch (payment.state) {
    case 'absent':
      return { payment: { state: 'voided' }, reply: givenBack(purchase_id, owed) }
    case 'pending':
      return { payment: { state: 'voided', terms: payment.terms }, reply: givenBack(purchase_id, owed) }
    case 'authorizing':
      return { payment: { state: 'cancelling', terms: payment.terms, owed } }
    case 'authorized':
    case 'uncaptured':
      return toVoid(payment, owed)
    case 'capturing':
      return { payment: { ...payment, state: 'returning', owed } }
    case 'captured':
      return toRefund(payment, owed)
    case 'cancelling':
    case 'returning':
    case 'voiding':
    case 'refunding':
      return { payment: payment.owed === owed ? payment : { ...payment, owed } }
    case 'declined':
    case 'voided':
    case 'refunded':
      return { payment, reply: givenBack(purchase_id, owed) }
  }
}
