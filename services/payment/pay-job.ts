import { Uuid } from '@argosy/contracts/fields'
import { job } from '@kit/jobs/job'
import type { JobRequest } from '@kit/messaging/outgoing'
import Type from 'typebox'
import type { Static } from 'typebox'
import type { Payment } from './domain/payment.ts'

const early = Type.Object({ purchase_id: Uuid, card_token: Type.Optional(Type.String()) })

export type EarlyPay = Static<typeof early>

/** A PayPending that has come before the payment was asked for, or while another try was under way. */
export const PayOncePossible = job('payment.pay-once-possible', 'purchase_id', early)

/** Keeps it. However often one card is offered while the same try is under way, it is kept once. */
export const keepPay = ({ purchase_id, card_token }: EarlyPay, payment: Payment): JobRequest => {
  const tries = 'tries' in payment ? (payment.tries ?? 0) : 0
  const data = { purchase_id, ...(card_token !== undefined && { card_token }) }
  return PayOncePossible(data, { dedupe: `${purchase_id}/pay/${tries}/${card_token ?? ''}` })
}
