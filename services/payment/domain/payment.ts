import type {
  AuthorizePayment,
  CapturePayment,
  PayPending,
  RefundPayment,
  VoidPayment,
} from '@argosy/contracts/messages/payment'
import type { DataOf } from '@kit/message/message'

export type Command = ReturnType<
  typeof AuthorizePayment | typeof CapturePayment | typeof VoidPayment | typeof RefundPayment | typeof PayPending
>

/** What is to be paid, by whom, with which card. */
export type Terms = Omit<DataOf<typeof AuthorizePayment>, 'purchase_id' | 'payment_method'>

/** Which of the two ways to give money back was asked for, hence which answer is owed. */
export type Undo = 'void' | 'refund'

type Agreed = { readonly terms: Terms }
/** The provider holds or held the money, under this name of its own. */
type Held = Agreed & { readonly authorization: string }
type Owed = { readonly owed: Undo }

/**
 * How a payment stands. While a call to the provider is under way (authorizing, cancelling, capturing, returning, voiding,
 * refunding) its outcome is unknown, and no other call is made: at most one at a time, at most one capture ever. The provider
 * may say by itself that money is held (a transfer has come): the first such authorization becomes the payment's own, and any
 * other, sooner or later, is surplus and released, which changes nothing of the payment.
 */
export type Payment =
  | { readonly state: 'absent' }
  /** To be paid later: nothing is held and no call is under way; `tries` by card have been declined. */
  | ({ readonly state: 'pending'; readonly tries: number } & Agreed)
  /** `tries`: it was pending, and this is the try with that number. The terms then name its card, until they are stored. */
  | ({ readonly state: 'authorizing'; readonly tries?: number } & Agreed)
  /** Authorizing, and to be voided once the outcome is known. */
  | ({ readonly state: 'cancelling' } & Agreed & Owed)
  | ({ readonly state: 'declined'; readonly reason: string } & Agreed)
  | ({ readonly state: 'authorized' } & Held)
  | ({ readonly state: 'capturing' } & Held)
  | ({ readonly state: 'captured' } & Held)
  /** The provider would not capture; the money is still held. */
  | ({ readonly state: 'uncaptured'; readonly reason: string } & Held)
  /** Capturing, and to be given back once the outcome is known. */
  | ({ readonly state: 'returning' } & Held & Owed)
  | ({ readonly state: 'voiding' } & Held & Owed)
  | ({ readonly state: 'refunding' } & Held & Owed)
  /** Nothing is held. Without terms: it was voided before it was asked for, and never will be authorized. */
  | { readonly state: 'voided'; readonly terms?: Terms; readonly authorization?: string }
  | ({ readonly state: 'refunded' } & Held)

/** Money that the provider holds, as the provider tells it. */
export type Holding = { readonly authorization: string; readonly amount: number; readonly currency_code: string }

/** What the provider is asked to do for a payment. */
export type Operation = 'authorize' | 'capture' | 'void' | 'refund'

/** What it has done. */
export type Outcome =
  | { readonly is: 'authorized'; readonly authorization: string }
  | { readonly is: 'declined'; readonly reason: string }
  | { readonly is: 'captured' }
  | { readonly is: 'uncaptured'; readonly reason: string }
  | { readonly is: 'voided' }
  | { readonly is: 'refunded' }
  /** Surplus is let go. */
  | { readonly is: 'released' }
  /** Part of what was captured is given back. */
  | { readonly is: 'issued'; readonly refund_id: string }
