import { RequestPurchase } from '@argosy/contracts/http/purchase'
import { Quote } from '@argosy/contracts/rpc/catalog'
import { TokenizeCard } from '@argosy/contracts/rpc/payment'
import type { AnswerOf } from '@kit/http/endpoint'
import { idempotencyKey } from '@kit/http/idempotency-key'
import { route } from '@kit/http/route'
import type { Admit, Reply, Request, Route } from '@kit/http/route'
import type { Platform } from '@kit/platform/platform'
import { NotBegun } from '@kit/fault/not-begun'
import type { Queryable } from '@kit/postgres/queryable'
import { isRefusal, refuse } from '@kit/problem/refusal'
import type { Refusal } from '@kit/problem/refusal'
import type { RpcClient } from '@kit/rpc/procedure'
import type { Admission } from '../admission/admission.ts'
import type { Rates } from '../domain/currency.ts'
import { price } from '../domain/pricing.ts'
import type { Purchase } from '../purchase-saga.ts'
import { identity } from '../purchase-view.ts'
import type { Accept, Requested } from './accept.ts'
import { findingByKey, hashOf, isKeyTaken, sameRequest } from './idempotency.ts'
import type { FindByKey, Known } from './idempotency.ts'

type Asked = Request<typeof RequestPurchase>
type Answer = Reply<AnswerOf<typeof RequestPurchase>>

/** What the request stands on besides the database. */
export type Needs = {
  readonly db: Queryable
  readonly rpc: RpcClient
  readonly platform: Platform
  readonly admission: Admission
  readonly accept: Accept
  readonly rates: Rates
}

/** A purchase is admitted, priced, its card traded for a token, and accepted; what becomes of it is its saga's business. */
export const requestPurchase = (needs: Needs): Route => {
  const findByKey = findingByKey(needs.db)
  /** Keys whose first request is still being answered by this process; between processes the constraint decides. */
  const inFlight = new Set<string>()
  const handle = async (asked: Asked): Promise<Answer | Refusal> => {
    const key = idempotencyKey(asked.headers['idempotency-key'])
    if (key === undefined) return buy(needs, asked, undefined)

    const customer_id = asked.caller.id
    const hash = hashOf(asked.body)
    const place = placeOf(customer_id, key)
    if (inFlight.has(place)) return stillAnswering
    inFlight.add(place)
    try {
      const known = await findByKey({ customer_id, key })
      return known === undefined ? await buy(needs, asked, { key, hash }) : answerAgain(known, hash)
    } catch (error) {
      if (!isKeyTaken(error)) throw error
      const winner = await findByKey({ customer_id, key })
      if (winner === undefined) throw error
      return answerAgain(winner, hash)
    } finally {
      inFlight.delete(place)
    }
  }
  return route(RequestPurchase, handle, turningAway(needs.admission, findByKey, inFlight))
}

const placeOf = (customer_id: string, key: string): string => `${customer_id} ${key}`

/** A busy shop reads nobody's body but theirs who ask again for what was accepted: these are answered however busy it is. */
const turningAway =
  (admission: Admission, findByKey: FindByKey, inFlight: ReadonlySet<string>): Admit<typeof RequestPurchase> =>
  ({ caller, headers }) => {
    if (!admission.isFull()) return undefined
    const key = idempotencyKey(headers['idempotency-key'])
    if (caller === undefined) return undefined
    if (key === undefined) return admission.turnAway()
    if (inFlight.has(placeOf(caller.id, key))) return undefined
    return findByKey({ customer_id: caller.id, key }).then((known) =>
      known === undefined ? admission.turnAway() : undefined,
    )
  }

const answerAgain = (known: Known, hash: Buffer): Answer | Refusal => {
  const same = sameRequest(known, hash)
  return isRefusal(same) ? same : answerOf(same.id, same.created_at)
}

/** Before anything is asked for it, a purchase needs a place among those that are under way. */
const buy = async (needs: Needs, asked: Asked, idempotency: Requested['idempotency']): Promise<Answer | Refusal> => {
  const { admission, platform, accept } = needs
  const admitted = await admission.enter()
  if (isRefusal(admitted)) return admitted
  using place = admitted
  const terms = await termsOf(asked, needs)
  if (isRefusal(terms)) return terms
  const purchase_id = platform.newId()
  const at = platform.clock.now()
  const purchase = { purchase_id, customer_id: asked.caller.id, ...terms }
  try {
    await accept({ purchase, at, idempotency, cause: asked.cause }, { signal: asked.closed })
  } catch (error) {
    if (error instanceof NotBegun) return admission.turnAway()
    throw error
  }
  place.accepted()
  return answerOf(purchase_id, at)
}

type Terms = Omit<Purchase, 'purchase_id' | 'customer_id'>

/** For what, and how, the purchase will be paid. */
const termsOf = async ({ body, closed }: Asked, { rpc, rates }: Needs): Promise<Terms | Refusal> => {
  const { order_items, payment } = body
  const later = payment.method === 'transfer'
  if (later && payment.card !== undefined) return cardForTransfer
  const product_ids = [...new Set(order_items.map((item) => item.product_id))]
  const { products } = await rpc.call(Quote, { product_ids }, { signal: closed })
  const sale = price(order_items, products, payment.currency_code, rates)
  if ('refused' in sale) return sale
  const card_token = payment.card === undefined ? undefined : await tokenOf(payment.card, rpc)
  if (isRefusal(card_token)) return card_token
  return {
    ...sale,
    ...(card_token !== undefined && { card_token }),
    ...(later && { payment_method: 'transfer' as const }),
  }
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
  answer: { ...identity(purchase_id, at), status: 'pending' },
  headers: { location: `/api/v1/purchases/${purchase_id}` },
})

const stillAnswering = refuse('request-in-flight', {
  detail: 'The first request with this Idempotency-Key has not been answered yet.',
  retryAfter: 1,
})
