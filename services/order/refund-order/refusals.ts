import { refuse } from '@kit/problem/refusal'
import type { Refusal } from '@kit/problem/refusal'
import type { Order, Refusal as Refused } from '../domain/order.ts'
import type { OrderRow } from '../domain/projection.ts'
import { shownStatus } from '../order-document.ts'

/** Why an order does not let itself be refunded, as it is answered. */
export const refusalFor = ({ refused }: Refused, { sale }: Order, { status }: OrderRow): Refusal => {
  const left = `${sale?.left ?? 0} minor units are left of what was paid.`
  switch (refused) {
    case 'refund-differs':
      return refuse('idempotency-key-reused', {
        detail: 'The Idempotency-Key was used for another refund of this order.',
      })
    case 'refund-too-large':
      return tooLarge(left, '/amount', 'is more than can be given back')
    case 'restock-too-large':
      return tooLarge(
        'More units were named than were bought and not yet returned.',
        '/restock',
        'is more than can come back',
      )
    case 'refunded':
      return tooLarge(left, '/amount', 'is more than can be given back')
    case 'not-placed':
    case 'not-paid':
    case 'not-completed':
    case 'cancelled':
    case 'paid':
    case 'completed':
      return refuse('order-not-paid', {
        detail: `The order is ${shownStatus[status]}; only one that is paid and completed is refunded.`,
      })
  }
}

const tooLarge = (detail: string, pointer: string, what: string): Refusal<'refund-too-large'> =>
  refuse('refund-too-large', { detail, errors: [{ pointer, detail: what }] })
