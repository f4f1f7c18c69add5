import {
  AuthorizePayment,
  CapturePayment,
  CaptureRefused,
  PaymentAuthorized,
  PaymentCaptured,
  PaymentDeclined,
  PaymentRefunded,
  PaymentVoided,
  RefundPayment,
  VoidPayment,
} from '@argosy/contracts/messages/payment'
import type { Command, Operation, Outcome, Payment, Undo } from './payment.ts'

export type Reply = ReturnType<
  | typeof PaymentAuthorized
  | typeof PaymentDeclined
  | typeof PaymentCaptured
  | typeof CaptureRefused
  | typeof PaymentVoided
  | typeof PaymentRefunded
>

/** How the payment stands now, what the provider is to be asked for, and what is to be told. The same payment: unchanged. */
export type Decision = { readonly payment: Payment; readonly call?: Operation; readonly reply?: Reply }

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
  }
}

const authorize = (
  payment: Payment,
  { purchase_id, ...terms }: ReturnType<typeof AuthorizePayment>['data'],
): Decision => {
  switch (payment.state) {
    case 'absent':
      return { payment: { state: 'authorizing', terms }, call: 'authorize' }
    case 'authorizing':
      return { payment }
    case 'authorized':
    case 'capturing':
    case 'captured':
    case 'uncaptured':
      return { payment, reply: PaymentAuthorized({ purchase_id }) }
    case 'declined':
      return { payment, reply: PaymentDeclined({ purchase_id, reason: payment.reason }) }
    case 'withdrawing':
    case 'returning':
    case 'voiding':
    case 'refunding':
    case 'voided':
    case 'refunded':
      return { payment, reply: PaymentDeclined({ purchase_id, reason: 'voided' }) }
  }
}

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
    case 'authorizing':
    case 'declined':
      return { payment, reply: CaptureRefused({ purchase_id, reason: 'not-authorized' }) }
    case 'withdrawing':
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
    case 'authorizing':
      return { payment: { ...payment, state: 'withdrawing', owed } }
    case 'authorized':
    case 'uncaptured':
      return toVoid(payment, owed)
    case 'capturing':
      return { payment: { ...payment, state: 'returning', owed } }
    case 'captured':
      return toRefund(payment, owed)
    case 'withdrawing':
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

/** What the outcome of a call leads to. One that the payment does not wait for changes nothing. */
export const learn = (payment: Payment, purchase_id: string, outcome: Outcome): Decision => {
  switch (payment.state) {
    case 'authorizing':
      if (outcome.is === 'authorized')
        return {
          payment: { ...payment, state: 'authorized', authorization: outcome.authorization },
          reply: PaymentAuthorized({ purchase_id }),
        }
      if (outcome.is !== 'declined') return { payment }
      return {
        payment: { ...payment, state: 'declined', reason: outcome.reason },
        reply: PaymentDeclined({ purchase_id, reason: outcome.reason }),
      }
    case 'withdrawing':
      if (outcome.is === 'authorized') return toVoid({ ...payment, authorization: outcome.authorization }, payment.owed)
      if (outcome.is !== 'declined') return { payment }
      return { payment: { state: 'voided', terms: payment.terms }, reply: givenBack(purchase_id, payment.owed) }
    case 'capturing':
      if (outcome.is === 'captured')
        return { payment: { ...payment, state: 'captured' }, reply: captured(payment, purchase_id) }
      if (outcome.is !== 'uncaptured') return { payment }
      return {
        payment: { ...payment, state: 'uncaptured', reason: outcome.reason },
        reply: CaptureRefused({ purchase_id, reason: outcome.reason }),
      }
    case 'returning':
      if (outcome.is === 'captured') return toRefund(payment, payment.owed)
      return outcome.is === 'uncaptured' ? toVoid(payment, payment.owed) : { payment }
    case 'voiding':
      if (outcome.is !== 'voided') return { payment }
      return { payment: { ...held(payment), state: 'voided' }, reply: givenBack(purchase_id, payment.owed) }
    case 'refunding':
      if (outcome.is !== 'refunded') return { payment }
      return { payment: { ...held(payment), state: 'refunded' }, reply: givenBack(purchase_id, payment.owed) }
    case 'absent':
    case 'authorized':
    case 'captured':
    case 'uncaptured':
    case 'declined':
    case 'voided':
    case 'refunded':
      return { payment }
  }
}

type Held = Extract<Payment, { state: 'authorized' }>

/** Without what belonged to the state before. */
const held = ({ terms, authorization }: Omit<Held, 'state'>): Omit<Held, 'state'> => ({ terms, authorization })

const toVoid = (payment: Omit<Held, 'state'>, owed: Undo): Decision => ({
  payment: { ...held(payment), state: 'voiding', owed },
  call: 'void',
})

const toRefund = (payment: Omit<Held, 'state'>, owed: Undo): Decision => ({
  payment: { ...held(payment), state: 'refunding', owed },
  call: 'refund',
})

const captured = ({ terms: { amount, currency_code } }: Omit<Held, 'state'>, purchase_id: string): Reply =>
  PaymentCaptured({ purchase_id, amount, currency_code })

const givenBack = (purchase_id: string, owed: Undo): Reply =>
  owed === 'void' ? PaymentVoided({ purchase_id }) : PaymentRefunded({ purchase_id })
