import { PaymentCaptured, PaymentRefunded, PaymentVoided } from '@argosy/contracts/messages/payment'
import type {
  CaptureRefused,
  PaymentAuthorized,
  PaymentDeclined,
  PaymentPending,
  PaymentTryDeclined,
  ProviderSilent,
} from '@argosy/contracts/messages/payment'
import type { Holding, Operation, Payment, Undo } from './payment.ts'

export type Reply = ReturnType<
  | typeof PaymentAuthorized
  | typeof PaymentDeclined
  | typeof PaymentPending
  | typeof PaymentTryDeclined
  | typeof PaymentCaptured
  | typeof CaptureRefused
  | typeof PaymentVoided
  | typeof PaymentRefunded
  | typeof ProviderSilent
>

/** How the payment stands now, what the provider is to be asked for, and what is to be told. The same payment: unchanged. */
export type Decision = {
  readonly payment: Payment
  readonly call?: Operation
  readonly reply?: Reply
  /** Surplus that the provider is to let go, whatever else is under way. */
  readonly release?: Holding
  /** Too early: nobody has asked for the payment yet, or a try of it is under way. To be decided again after that. */
  readonly early?: true
}

type Held = Extract<Payment, { state: 'authorized' }>

/** Without what belonged to the state before. */
export const held = ({ terms, authorization }: Omit<Held, 'state'>): Omit<Held, 'state'> => ({ terms, authorization })

export const toVoid = (payment: Omit<Held, 'state'>, owed: Undo): Decision => ({
  payment: { ...held(payment), state: 'voiding', owed },
  call: 'void',
})

export const toRefund = (payment: Omit<Held, 'state'>, owed: Undo): Decision => ({
  payment: { ...held(payment), state: 'refunding', owed },
  call: 'refund',
})

export const captured = ({ terms: { amount, currency_code } }: Omit<Held, 'state'>, purchase_id: string): Reply =>
  PaymentCaptured({ purchase_id, amount, currency_code })

export const givenBack = (purchase_id: string, owed: Undo): Reply =>
  owed === 'void' ? PaymentVoided({ purchase_id }) : PaymentRefunded({ purchase_id })
