import { Amount, CurrencyCode, Uuid } from '@argosy/contracts/fields'
import { PermanentFailure, job } from '@kit/jobs/job'
import type { JobRequest } from '@kit/messaging/outgoing'
import Type from 'typebox'
import type { Static } from 'typebox'
import type { Holding, Operation, Outcome, Payment } from './domain/payment.ts'
import type { Refund } from './domain/refund.ts'
import type { Call } from './provider.ts'

const asked = Type.Object({
  purchase_id: Uuid,
  /** `release` lets surplus go, `issue-refund` gives part of what was captured back; both change nothing of the payment itself. */
  operation: Type.Enum(['authorize', 'capture', 'void', 'refund', 'release', 'issue-refund']),
  amount: Amount,
  currency_code: CurrencyCode,
  card_token: Type.Optional(Type.String()),
  authorization: Type.Optional(Type.String()),
  /** Of an authorization of what was pending: which try it is. */
  number: Type.Optional(Type.Integer({ minimum: 1 })),
  refund_id: Type.Optional(Uuid),
  /**
   * What the provider has left unanswered so far: how many calls, and ms of asking and of waiting for the next time.
   */
  unanswered: Type.Optional(Type.Object({ calls: Type.Integer({ minimum: 1 }), ms: Type.Integer({ minimum: 0 }) })),
})

export type AskedCall = Static<typeof asked>

/** The intent to call the provider, written with the payment's new state. */
export const CallProvider = job('payment.call-provider', 'purchase_id', asked)

/** The call that a payment's state waits for. */
export const intentOf = (purchase_id: string, operation: Operation, payment: Payment): JobRequest => {
  if (!('terms' in payment) || payment.terms === undefined)
    throw new Error(`there is nothing to ${operation} of ${purchase_id}`)
  const { amount, currency_code, card_token } = payment.terms
  return CallProvider({
    purchase_id,
    operation,
    amount,
    currency_code,
    ...(operation === 'authorize' && card_token !== undefined ? { card_token } : {}),
    ...(payment.state === 'authorizing' && payment.tries !== undefined ? { number: payment.tries } : {}),
    ...('authorization' in payment && payment.authorization !== undefined
      ? { authorization: payment.authorization }
      : {}),
  })
}

/** Surplus goes back to whom it came from. */
export const releaseOf = (purchase_id: string, { authorization, amount, currency_code }: Holding): JobRequest =>
  CallProvider({ authorization, amount, currency_code, purchase_id, operation: 'release' })

/** Part of the captured money goes back. */
export const refundOf = (
  purchase_id: string,
  { refund_id, amount }: Pick<Refund, 'refund_id' | 'amount'>,
  payment: Extract<Payment, { state: 'captured' }>,
): JobRequest => {
  const { authorization, terms } = payment
  const { currency_code } = terms
  return CallProvider({ purchase_id, operation: 'issue-refund', refund_id, amount, currency_code, authorization })
}

/** The same job, the same key: a repeated attempt meets what an earlier one has done. */
export const callOf = (asked: AskedCall): Call => {
  const { purchase_id, operation, amount, currency_code, card_token, authorization } = asked
  const money = { key: keyOf(asked), reference: purchase_id, amount, currency_code }
  if (operation === 'authorize') return { operation, ...money, ...(card_token === undefined ? {} : { card_token }) }
  if (authorization === undefined)
    throw new PermanentFailure(`there is no authorization of ${purchase_id} to ${operation}`)
  return { operation: AT_PROVIDER[operation], ...money, authorization }
}

const AT_PROVIDER = {
  capture: 'capture',
  void: 'void',
  refund: 'refund',
  release: 'void',
  'issue-refund': 'refund',
} as const

const keyOf = ({ purchase_id, operation, number, authorization, refund_id }: AskedCall): string => {
  switch (operation) {
    case 'authorize':
      return number === undefined ? `${purchase_id}/authorize` : `${purchase_id}/authorize/${number}`
    case 'release':
      return `${purchase_id}/release/${authorization}`
    case 'issue-refund':
      return `${purchase_id}/refund/${refund_id}`
    case 'capture':
    case 'void':
    case 'refund':
      return `${purchase_id}/${operation}`
  }
}

/** What the provider's answer means to us: the call's operation says less than what was asked. */
export const meaningOf = ({ operation, refund_id }: AskedCall, outcome: Outcome): Outcome => {
  if (operation === 'release') return { is: 'released' }
  if (operation === 'issue-refund' && refund_id !== undefined) return { is: 'issued', refund_id }
  return outcome
}
