import type { Problems } from '@kit/problem/refusal'

export const problems = {
  'order-not-found': { status: 404, title: 'You have no such order' },
  'order-cancelled': { status: 409, title: 'The order was cancelled' },
  'order-not-pending': { status: 409, title: 'The order is paid already' },
  'order-not-paid': { status: 409, title: 'The order is not paid and completed' },
  'refund-too-large': { status: 422, title: 'That is more than can be given back' },
  'card-not-accepted': { status: 422, title: 'The card is not accepted' },
} satisfies Problems
