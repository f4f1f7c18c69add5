import type { AuthorizePayment, CapturePayment, RefundPayment, VoidPayment } from '@argosy/contracts/messages/payment'
import type { DataOf } from '@kit/message/message'

export type Command = ReturnType<
  typeof AuthorizePayment | typeof CapturePayment | typeof VoidPayment | typeof RefundPayment
>

/** What is to be paid, by whom, with which card. */
export type Terms = Omit<DataOf<typeof AuthorizePayment>, 'purchase_id'>

/** Which of the two ways to give money back was asked for, hence which answer is owed. */
export type Undo = 'void' | 'refund'

type Agreed = { readonly terms: Terms }
/** The provider holds or held the money, under this name of its own. */
type Held = Agreed & { readonly authorization: string }
type Owed = { readonly owed: Undo }

/**
 * How a payment stands. While a call to the provider is under way (authorizing, withdrawing, capturing, returning, voiding,
 * refunding) its outcome is unknown, and no other call is made: at most one at a time, at most one capture ever.
 */
export type Payment =
  | { readonly state: 'absent' }
  | ({ readonly state: 'authorizing' } & Agreed)
  /** Authorizing, and to be voided once the outcome is known. */
  | ({ readonly state: 'withdrawing' } & Agreed & Owed)
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

/** What the provider is asked to do. */
export type Operation = 'authorize' | 'capture' | 'void' | 'refund'

/** What it has done. */
export type Outcome =
  | { readonly is: 'authorized'; readonly authorization: string }
  | { readonly is: 'declined'; readonly reason: string }
  | { readonly is: 'captured' }
  | { readonly is: 'uncaptured'; readonly reason: string }
  | { readonly is: 'voided' }
  | { readonly is: 'refunded' }
