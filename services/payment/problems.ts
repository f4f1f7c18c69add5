import type { Problems } from '@kit/problem/refusal'

export const problems = {
  'payment-not-found': { status: 404, title: 'You have no such payment' },
} satisfies Problems
