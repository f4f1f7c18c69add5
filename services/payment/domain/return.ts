import type { Payment } from './payment.ts'

/** Part of what was captured, on its way back or there already. */
export type Refund = { readonly refund_id: string; readonly amount: number; readonly state: 'returning' | 'returned' }

/** What comes of being asked to give money back: done before, under way, to be done now; or that it must not be. */
export type Return =
  | { readonly is: 'returned'; readonly refund: Refund }
  | { readonly is: 'returning' }
  | { readonly is: 'to return' }
  | { readonly is: 'impossible'; readonly reason: string }

/** Decides on one refund, by the payment and all its refunds so far: never more in all than was captured. */
export const giveMoneyBack = (
  payment: Payment,
  refunds: readonly Refund[],
  asked: { readonly refund_id: string; readonly amount: number },
): Return => {
  const known = refunds.find(({ refund_id }) => refund_id === asked.refund_id)
  if (known !== undefined) return known.state === 'returned' ? { is: 'returned', refund: known } : { is: 'returning' }
  if (payment.state !== 'captured') return { is: 'impossible', reason: `the payment is ${payment.state}` }
  const before = refunds.reduce((sum, { amount }) => sum + amount, 0)
  const left = payment.terms.amount - before
  return asked.amount <= left ? { is: 'to return' } : { is: 'impossible', reason: `only ${left} of it is left` }
}
