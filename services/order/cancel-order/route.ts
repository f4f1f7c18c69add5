import { CancelPendingOrder } from '@argosy/contracts/http/order'
import { isRefused } from '@kit/decider/decider'
import type { AnswerOf } from '@kit/http/endpoint'
import { route } from '@kit/http/route'
import type { Request } from '@kit/http/route'
import type { Message } from '@kit/message/message'
import type { Tx } from '@kit/postgres/queryable'
import { refuse } from '@kit/problem/refusal'
import type { Refusal } from '@kit/problem/refusal'
import { CancelUnpaidOrder } from '../domain/commands.ts'
import { decideStep } from '../domain/order.ts'
import { stateOf } from '../domain/projection.ts'
import { openOrder, record } from '../event-store.ts'
import { orderNotFound } from '../not-found.ts'
import { orderDocument, placedOrder, shownStatus } from '../order-document.ts'

type Asked = Request<typeof CancelPendingOrder>
type Outcome = { readonly answer: AnswerOf<typeof CancelPendingOrder> | Refusal; readonly send?: readonly Message[] }

/** Why an order was cancelled, when its owner did it. */
const REASON = 'cancelled-by-customer'

/**
 * The owner calls a pending order off. OrderCancelled tells the purchase, which gives back its stock and its payment. Asked
 * again, or when it was cancelled otherwise meanwhile, the answer is the cancelled order.
 */
export const cancelOrder = route(CancelPendingOrder, (request, { platform, transact }) =>
  transact(request, (tx) => cancel(tx, request, platform.clock.now())),
)

const cancel = async (tx: Tx, { params: { id }, caller }: Asked, at: Date): Promise<Outcome> => {
  const stored = await openOrder(tx, id)
  if (stored === undefined || stored.row.customer_id !== caller.id) return { answer: orderNotFound(id) }
  const outcome = decideStep(CancelUnpaidOrder({ purchase_id: id, reason: REASON }), stateOf(stored.row))
  if (isRefused(outcome)) return { answer: notPending(stored.row.status) }
  const after = placedOrder(record(tx, stored.row, outcome, at), stored.events)
  return { answer: after === undefined ? orderNotFound(id) : orderDocument(after), send: outcome }
}

const notPending = (status: keyof typeof shownStatus): Refusal =>
  refuse('order-not-pending', {
    detail: `The order is ${shownStatus[status]}; only one that is not paid yet can be cancelled.`,
  })
