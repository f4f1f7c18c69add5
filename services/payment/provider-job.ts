import { Amount, CurrencyCode, Uuid } from '@argosy/contracts/fields'
import { HopelessJob, job } from '@kit/jobs/job'
import type { JobRequest } from '@kit/messaging/outgoing'
import Type from 'typebox'
import type { Static } from 'typebox'
import type { Operation, Payment } from './domain/payment.ts'
import type { Call } from './provider.ts'

const asked = Type.Object({
  purchase_id: Uuid,
  operation: Type.Enum(['authorize', 'capture', 'void', 'refund']),
  amount: Amount,
  currency_code: CurrencyCode,
  card_token: Type.Optional(Type.String()),
  authorization: Type.Optional(Type.String()),
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
    ...('authorization' in payment && payment.authorization !== undefined
      ? { authorization: payment.authorization }
      : {}),
  })
}

/** The same job, the same key: a repeated attempt meets what an earlier one has done. */
export const callOf = ({
  purchase_id,
  operation,
  amount,
  currency_code,
  card_token,
  authorization,
}: AskedCall): Call => {
  const money = { key: `${purchase_id}/${operation}`, reference: purchase_id, amount, currency_code }
  if (operation === 'authorize') return { operation, ...money, ...(card_token === undefined ? {} : { card_token }) }
  if (authorization === undefined) throw new HopelessJob(`there is no authorization of ${purchase_id} to ${operation}`)
  return { operation, ...money, authorization }
}
