import { RefundPaidOrder } from '@argosy/contracts/http/order'
import { ReturnStock } from '@argosy/contracts/messages/inventory'
import { OrderRefunded } from '@argosy/contracts/messages/order'
import { IssueRefund } from '@argosy/contracts/messages/payment'
import { isRefused, replay } from '@kit/decider/decider'
import type { AnswerOf } from '@kit/http/endpoint'
import { idempotencyKey, idFromKey } from '@kit/http/idempotency-key'
import { route } from '@kit/http/route'
import type { Caller, Request } from '@kit/http/route'
import type { DataOf, Message } from '@kit/message/message'
import type { Tx } from '@kit/postgres/queryable'
import { refuse } from '@kit/problem/refusal'
import type { Refusal } from '@kit/problem/refusal'
import { RefundOrder } from '../domain/commands.ts'
import { order } from '../domain/order.ts'
import type { Event } from '../domain/order.ts'
import { openOrder, record } from '../event-store.ts'
import { orderNotFound } from '../not-found.ts'
import { orderDocument, placedOrder } from '../order-document.ts'
import type { PlacedOrder } from '../order-document.ts'
import { refusalFor } from './refusals.ts'

type Asked = Request<typeof RefundPaidOrder>
type Answer = AnswerOf<typeof RefundPaidOrder>
type Outcome = { readonly answer: Answer | Refusal; readonly send?: readonly Message[] }

/**
 * Gives money back. The order decides how much it can be, on its locked row; the event, and what is asked of the payment and of
 * the stock, commit together. A key that was used before is the same refund.
 */
export const refundOrder = route(RefundPaidOrder, async (request, { platform, transact }) => {
  const key = idempotencyKey(request.headers['idempotency-key'])
  return transact(request, (tx) => refund(tx, request, key, platform.clock.now()))
})

const refund = async (tx: Tx, { params: { id }, body, caller }: Asked, key: string, at: Date): Promise<Outcome> => {
  const stored = await openOrder(tx, id)
  const placed = stored && placedOrder(stored.row, stored.events)
  if (stored === undefined || placed === undefined) return { answer: orderNotFound(id) }
  const stranger = objectionTo(caller, placed)
  if (stranger !== undefined) return { answer: stranger }

  const refund_id = idFromKey(id, caller.id, key)
  const { amount, restock = [] } = body
  const command = RefundOrder({ purchase_id: id, refund_id, restock, ...(amount !== undefined && { amount }) })
  const before = replay(order, stored.events)
  const outcome = order.decide(command, before)
  if (isRefused(outcome)) return { answer: refusalFor(outcome, before, stored.row) }
  const row = record(tx, stored.row, outcome, at)
  const answer = {
    id,
    refund_id,
    amount: amountOf([...stored.events, ...outcome], refund_id),
    order: orderDocument({ ...row, placed: placed.placed, placed_at: placed.placed_at }),
  }
  return { answer, send: outcome.flatMap(whatFollows) }
}

/** An admin, or whoever sold all of it. A customer knows the order; for anybody else there is none. */
const objectionTo = ({ id, roles }: Caller, { placed }: PlacedOrder): Refusal | undefined => {
  if (roles.includes('admin') || placed.lines.every(({ seller_id }) => seller_id === id)) return undefined
  const known = placed.customer_id === id || placed.lines.some(({ seller_id }) => seller_id === id)
  return known
    ? refuse('forbidden', { detail: 'An order is refunded by an admin, or by the seller of all its products.' })
    : orderNotFound(placed.purchase_id)
}

const whatFollows = (event: Event): readonly Message[] => {
  if (event.type !== OrderRefunded.type) return [event]
  const { purchase_id, refund_id, amount, restock }: DataOf<typeof OrderRefunded> = event.data
  return [
    event,
    ...(amount > 0 ? [IssueRefund({ purchase_id, refund_id, amount })] : []),
    ...(restock.length > 0 ? [ReturnStock({ purchase_id, refund_id, lines: restock })] : []),
  ]
}

const amountOf = (events: readonly Event[], refund_id: string): number => {
  const made = events.find((event) => event.type === OrderRefunded.type && event.data.refund_id === refund_id)
  if (made?.type !== OrderRefunded.type) throw new Error(`the refund ${refund_id} left no event`)
  return made.data.amount
}
