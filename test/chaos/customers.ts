import { setTimeout as sleep } from 'node:timers/promises'
import type { Answer, Person, Shop } from '../fleet/shop.ts'
import { goOn } from './afterwards.ts'
import { isLater } from './intents.ts'
import type { History, Intent } from './history.ts'
import type { Random } from './random.ts'

export type Market = {
  /** Where the shop is now; it moves with each restart. Resolves once there is one. */
  readonly shop: () => Promise<Shop>
  readonly buyers: readonly Person[]
  readonly history: History
  readonly chance: Random
  /** How many purchases may have been begun by now; resolves with false when no more will come. */
  readonly mayBegin: (n: number) => Promise<boolean>
  readonly intent: (n: number) => Intent
}

/** Ms for one answer: a shop that has died answers nothing. */
const PATIENCE = 4_000
/** Tries of the same request with the same key; some outcomes stay unknown on purpose. */
const TRIES = 40
const LEFT_UNKNOWN = 0.1
const ASKED_AGAIN = 0.05

/** So many customers at a time, each with one purchase under way. */
export const buyAll = async (market: Market, total: number, atOnce: number): Promise<void> => {
  let next = 0
  const afterwards: Promise<void>[] = []
  const customer = async (): Promise<void> => {
    while (next < total) {
      const n = next++
      if (!(await market.mayBegin(n))) return
      const intent = market.intent(n)
      const id = await buy(market, intent)
      if (id !== undefined) afterwards.push(goOn(market, intent, id))
    }
  }
  await Promise.all(Array.from({ length: atOnce }, customer))
  await Promise.all(afterwards)
}

/** One purchase; after an unknown outcome the same request again with the same key. Its id, if it got one. */
const buy = async (market: Market, intent: Intent): Promise<string | undefined> => {
  const { history, chance } = market
  history.invoke(intent)
  let id: string | undefined
  for (let attempt = 1; attempt <= TRIES; attempt++) {
    const shop = await market.shop()
    const outcome = await ask(shop, market.buyers, intent)
    history.outcome(intent.key, outcome)
    id ??= outcome.id
    if (outcome.is === 'fail') break
    if (outcome.is === 'ok' && chance.next() >= ASKED_AGAIN) break
    if (outcome.is === 'info' && chance.next() < LEFT_UNKNOWN) break
    await sleep(chance.between(50, 300))
  }
  return id
}

type Outcome = { readonly is: 'ok' | 'fail' | 'info'; readonly id?: string; readonly detail?: string }

const ask = async (shop: Shop, buyers: readonly Person[], intent: Intent): Promise<Outcome> => {
  const buyer = buyers[intent.buyer]
  if (buyer === undefined) throw new Error(`there is no buyer ${intent.buyer}`)
  try {
    const lines = intent.lines.map(
      ({ product, quantity }) => [{ id: product, currency_code: 'USD' }, quantity] as const,
    )
    const { kind } = intent
    const answered = shop.buy(buyer, lines, {
      ...(kind.card !== undefined && { card: kind.card }),
      ...(isLater(kind) && { method: 'transfer' }),
      headers: { 'idempotency-key': intent.key },
    })
    return outcomeOf(await Promise.race([answered, tooLate()]))
  } catch (error) {
    if (!(error instanceof TypeError)) throw error
    return { is: 'info', detail: error.message }
  }
}

const tooLate = async (): Promise<never> => {
  await sleep(PATIENCE, undefined, { ref: false })
  throw new TypeError('no answer in time')
}

/** A refusal is certain, but for those that mean "not now". */
const outcomeOf = ({ status, body }: Answer): Outcome => {
  if (status < 300) return { is: 'ok', id: body.purchase_id }
  const detail = `${status} ${body?.code ?? ''}`
  return status >= 500 || status === 409 || status === 429 ? { is: 'info', detail } : { is: 'fail', detail }
}
