import { Uuid } from '@argosy/contracts/fields'
import { job } from '@kit/jobs/job'
import Type from 'typebox'
import type { Static } from 'typebox'

const early = Type.Object({ purchase_id: Uuid, card_token: Type.Optional(Type.String()) })

export type EarlyPay = Static<typeof early>

/** A PayPending that has come before the payment was asked for. */
export const PayOnceKnown = job('payment.pay-once-known', 'purchase_id', early)
