import type { Problems } from '@kit/problem/refusal'
import type { PricingRefusal } from './domain/pricing.ts'

export const problems = {
  busy: { status: 503, title: 'More is asked for than can be done' },
  'unknown-product': { status: 422, title: 'There is no such product on sale' },
  'currency-not-accepted': { status: 422, title: 'The store does not take this currency' },
  'amount-too-large': { status: 422, title: 'The purchase costs more than can be paid at once' },
  'card-not-accepted': { status: 422, title: 'The card is not accepted' },
  'purchase-not-found': { status: 404, title: 'You have no such purchase' },
} satisfies Problems & Problems<PricingRefusal['refused']>
