import type { Books } from '@argosy/test/laws/books'
import type { Shop } from '@argosy/test/fleet/shop'
import { percentilesOf, type Percentiles } from './percentiles.ts'
import type { Stage } from './stage.ts'

/** Milliseconds from the request on. */
export type Lone = {
  readonly accepted: Percentiles
  /** Until the time that the saga's row says. */
  readonly completed: Percentiles
  /** Until the buyer's event stream has told the end, which is what a buyer sees. */
  readonly told: Percentiles
}

/** Buys so many one after the other, each when the one before has ended, or fewer if it is over before. */
export const buyAlone = async (
  shop: Shop,
  books: Books,
  stage: Stage,
  count: number,
  isOver: () => boolean = () => false,
): Promise<Bought> => {
  const bought: Purchase[] = []
  for (let n = 0; n < count && !isOver(); n++) bought.push(await buyOne(shop, stage, n))
  const ends = await books.ends()
  return {
    ids: bought.map(({ id }) => id),
    lone: {
      accepted: percentilesOf(bought.map(({ accepted }) => accepted)),
      completed: percentilesOf(bought.map(({ id, sent }) => (ends.get(id)?.at ?? Number.NaN) - sent)),
      told: percentilesOf(bought.map(({ told }) => told)),
    },
  }
}

export type Bought = { readonly lone: Lone; readonly ids: readonly string[] }
type Purchase = { readonly id: string; readonly sent: number; readonly accepted: number; readonly told: number }

/** Buys one and listens until its end is told. Throws when it is not accepted, or not told within a minute. */
const buyOne = async (shop: Shop, { buyers, products }: Stage, n: number): Promise<Purchase> => {
  const buyer = buyers[n % buyers.length]
  const [one, two] = [products[n % products.length], products[(n + 1) % products.length]]
  if (buyer === undefined || one === undefined || two === undefined) throw new Error('the stage is empty')
  const sent = performance.timeOrigin + performance.now()
  const since = (): number => performance.timeOrigin + performance.now() - sent
  const { status, body } = await shop.buy(buyer, [
    [one, 1],
    [two, 2],
  ])
  if (status >= 300) throw new Error(`a purchase answered ${status}: ${JSON.stringify(body)}`)
  const accepted = since()
  const id: string = body.purchase_id
  const events = await fetch(`${shop.url}/api/v1/purchases/${id}/events`, {
    headers: { authorization: `Bearer ${buyer.token}`, accept: 'text/event-stream' },
    signal: AbortSignal.timeout(60_000),
  })
  // The stream closes after the purchase's last event.
  await events.text()
  return { id, sent, accepted, told: since() }
}
