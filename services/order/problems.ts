import type { Problems } from '@kit/problem/refusal'

export const problems = {
  'order-not-found': { status: 404, title: 'You have no such order' },
} satisfies Problems
