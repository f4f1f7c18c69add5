import { PayOrder } from '@argosy/contracts/http/order'
import { PayPending } from '@argosy/contracts/messages/payment'
import { TokenizeCard } from '@argosy/contracts/rpc/payment'
import { route } from '@kit/http/route'
import type { Route } from '@kit/http/route'
import { sql } from '@kit/postgres/statement'
import { isRefusal, refuse } from '@kit/problem/refusal'
import type { Refusal } from '@kit/problem/refusal'
import type { RpcClient } from '@kit/rpc/procedure'
import type { PlacedStatus } from '../domain/lifecycle.ts'
import { orderNotFound } from '../not-found.ts'

const selectStatus = sql<{ status: PlacedStatus }>(import.meta.url, 'select-status.sql')

/**
 * Asks the payment service to charge a card for a pending order. Nothing is locked and nothing changes here: whether the money
 * is taken, once, is the payment's business, and whether the order is paid is decided when it has been.
 */
export const payOrder = (rpc: RpcClient): Route =>
  route(PayOrder, async (request, { db, transact }) => {
    const { id: purchase_id } = request.params
    const [found] = await db.query(selectStatus, [purchase_id, request.caller.id])
    if (found === undefined) return orderNotFound(purchase_id)
    if (found.status === 'CANCELLED') return refuse('order-cancelled', { detail: 'It is not charged any more.' })
    if (found.status !== 'PENDING') return { id: purchase_id }
    const { card } = request.body
    const card_token = card === undefined ? undefined : await tokenOf(card, rpc)
    if (isRefusal(card_token)) return card_token
    const pay = PayPending({ purchase_id, ...(card_token !== undefined && { card_token }) })
    return transact(request, async () => ({ answer: { id: purchase_id }, send: [pay] }))
  })

const tokenOf = async (card: string, rpc: RpcClient): Promise<string | Refusal<'card-not-accepted'>> => {
  const { token } = await rpc.call(TokenizeCard, { number: card.replaceAll(/[ -]/g, '') })
  if (token !== undefined) return token
  return refuse('card-not-accepted', {
    detail: 'The payment provider does not know this card.',
    errors: [{ pointer: '/card', detail: 'is not a card that can be charged' }],
  })
}
