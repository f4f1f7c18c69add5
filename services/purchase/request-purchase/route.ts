import { RequestPurchase } from '@argosy/contracts/http/purchase'
import { Quote } from '@argosy/contracts/rpc/catalog'
import { TokenizeCard } from '@argosy/contracts/rpc/payment'
import type { AnswerOf } from '@kit/http/endpoint'
import { idempotencyKey } from '@kit/http/idempotency-key'
import { route } from '@kit/http/route'
import type { Reply, Request, Route } from '@kit/http/route'
import type { Platform } from '@kit/platform/platform'
import { isRefusal, refuse } from '@kit/problem/refusal'
import type { Refusal } from '@kit/problem/refusal'
import type { RpcClient } from '@kit/rpc/procedure'
import type { Rates } from '../domain/currency.ts'
import { price } from '../domain/pricing.ts'
import type { Accept, Requested } from './accept.ts'
import { findByKey, hashOf, isKeyTaken } from './idempotency.ts'

type Asked = Request<typeof RequestPurchase>
type Answer = Reply<AnswerOf<typeof RequestPurchase>>

/** What the request stands on besides the database. */
export type Needs = {
  readonly rpc: RpcClient
  readonly platform: Platform
  readonly accept: Accept
  readonly rates: Rates
}

/** A purchase is priced, its card traded for a token, and accepted; what becomes of it is its saga's business. */
export const requestPurchase = (needs: Needs): Route => {
  /** Keys whose first request is still being answered by this process; between processes the constraint decides. */
  const inFlight = new Set<string>()
  return route(RequestPurchase, async (asked, { db }) => {
    const key = idempotencyKey(asked.headers)
    if (isRefusal(key)) return key
    if (key === undefined) return buy(needs, asked, undefined)

    const idempotency = { key, hash: hashOf(asked.body) }
    const place = `${asked.caller.id} ${key}`
    if (inFlight.has(place)) return stillAnswering
    inFlight.add(place)
    try {
      const known = await findByKey(db, asked.caller.id, idempotency)
      if (known !== undefined) return isRefusal(known) ? known : answerOf(known.id, known.created_at)
      return await buy(needs, asked, idempotency)
    } catch (error) {
      if (!isKeyTaken(error)) throw error
      const winner = await findByKey(db, asked.caller.id, idempotency)
      if (winner === undefined) throw error
      return isRefusal(winner) ? winner : answerOf(winner.id, winner.created_at)
    } finally {
      inFlight.delete(place)
    }
  })
}

const buy = async (
  { rpc, platform, accept, rates }: Needs,
  { body, caller, cause }: Asked,
  idempotency: Requested['idempotency'],
): Promise<Answer | Refusal> => {
  const { order_items, payment } = body
  const later = payment.method === 'transfer'
  if (later && payment.card !== undefined) return cardForTransfer
  const { products } = await rpc.call(Quote, { product_ids: [...new Set(order_items.map((item) => item.product_id))] })
  const sale = price(order_items, products, payment.currency_code, rates)
  if ('refused' in sale) return sale
  const card_token = payment.card === undefined ? undefined : await tokenOf(payment.card, rpc)
  if (isRefusal(card_token)) return card_token

  const purchase_id = platform.newId()
  const at = platform.clock.now()
  const purchase = {
    purchase_id,
    customer_id: caller.id,
    ...sale,
    ...(card_token !== undefined && { card_token }),
    ...(later && { payment_method: 'transfer' as const }),
  }
  await accept({ purchase, at, idempotency, cause })
  return answerOf(purchase_id, at)
}

const cardForTransfer = refuse('invalid-request', {
  detail: 'A card pays at once: leave it out, or leave out the method transfer.',
  errors: [{ pointer: '/payment/card', detail: 'does not go with the method transfer' }],
})

const tokenOf = async (card: string, rpc: RpcClient): Promise<string | Refusal<'card-not-accepted'>> => {
  const { token } = await rpc.call(TokenizeCard, { number: card.replaceAll(/[ -]/g, '') })
  if (token !== undefined) return token
  return refuse('card-not-accepted', {
    detail: 'The payment provider does not know this card.',
    errors: [{ pointer: '/payment/card', detail: 'is not a card that can be charged' }],
  })
}

const answerOf = (purchase_id: string, at: Date): Answer => ({
  answer: { purchase_id, status: 'pending', timestamp: at.toISOString() },
  headers: { location: `/api/v1/purchases/${purchase_id}` },
})

const stillAnswering = refuse('request-in-flight', {
  detail: 'The first request with this Idempotency-Key has not been answered yet.',
  retryAfter: 1,
})
