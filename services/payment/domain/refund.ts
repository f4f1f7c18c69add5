import type { Payment } from './payment.ts'

/** Part of what was captured, on its way back or there already. */
export type Refund = { readonly refund_id: string; readonly amount: number; readonly state: 'pending' | 'issued' }

/** What comes of being asked for a refund: issued before, under way, to be issued now; or that it must not be. */
export type RefundDecision =
  | { readonly is: 'issued'; readonly refund: Refund }
  | { readonly is: 'pending' }
  | { readonly is: 'issue' }
  | { readonly is: 'impossible'; readonly reason: string }

/** Decides on one refund, by the payment and all its refunds so far: never more in all than was captured. */
export const decideRefund = (
  payment: Payment,
  refunds: readonly Refund[],
  asked: { readonly refund_id: string; readonly amount: number },
): RefundDecision => {
  const known = refunds.find(({ refund_id }) => refund_id === asked.refund_id)
  if (known !== undefined) return known.state === 'issued' ? { is: 'issued', refund: known } : { is: 'pending' }
  if (payment.state !== 'captured') return { is: 'impossible', reason: `the payment is ${payment.state}` }
  const before = refunds.reduce((sum, { amount }) => sum + amount, 0)
  const left = payment.terms.amount - before
  return asked.amount <= left ? { is: 'issue' } : { is: 'impossible', reason: `only ${left} of it is left` }
}
