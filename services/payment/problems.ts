import type { Problems } from '@kit/problem/refusal'

export const problems = {
  'payment-not-found': { status: 404, title: 'You have no such payment' },
  'webhook-not-signed': { status: 403, title: 'The webhook is not signed by the payment provider' },
  'webhook-replayed': { status: 409, title: 'The webhook was received before' },
} satisfies Problems
