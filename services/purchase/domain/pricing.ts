import type { QuotedProduct } from '@argosy/contracts/proto/catalog'
import { convert, rateBetween } from './currency.ts'
import type { Rates } from './currency.ts'

/** What the customer asked for. The same product may stand on two lines. */
export type Wanted = { readonly product_id: string; readonly quantity: number }

export type PricedLine = {
  readonly product_id: string
  readonly name: string
  /** Of one, in minor units of the sale's currency. */
  readonly price: number
  readonly quantity: number
  /** Whose product it is. */
  readonly seller_id: string
}

/** The lines at the prices that hold from now on, whatever the catalogue says later. */
export type Sale = {
  readonly lines: readonly PricedLine[]
  readonly amount: number
  readonly currency_code: string
  /** What one unit of each other currency was worth; absent when nothing was converted. */
  readonly rates?: Rates
}

export type PricingRefusal = {
  readonly refused: 'unknown-product' | 'currency-not-accepted' | 'amount-too-large'
  readonly detail: string
  readonly errors: readonly { readonly pointer: string; readonly detail: string }[]
}

/** The most that one purchase may cost, in minor units. */
const MOST = 1_000_000_000_000

/** Prices the lines in the customer's currency. The products are as the catalogue quotes them; absent: not on sale. */
export const price = (
  wanted: readonly Wanted[],
  products: readonly QuotedProduct[],
  currency_code: string,
  table: Rates,
): Sale | PricingRefusal => {
  const quoted = new Map(products.map((product) => [product.id, product]))
  const rates: Record<string, number> = {}
  const lines: PricedLine[] = []
  const unknown: { pointer: string; detail: string }[] = []
  for (const [i, { product_id, quantity }] of wanted.entries()) {
    const product = quoted.get(product_id)
    if (product === undefined) {
      unknown.push({ pointer: `/order_items/${i}/product_id`, detail: 'is not on sale' })
      continue
    }
    const { name, owner_id: seller_id, currency_code: priced } = product
    const rate = rateBetween(priced, currency_code, table)
    if (rate === undefined) return notAccepted(currency_code, priced)
    if (priced !== currency_code) rates[priced] = rate
    const inCurrency = convert(product.price, priced, currency_code, rate)
    lines.push({ product_id, name, price: inCurrency, quantity, seller_id })
  }
  if (unknown.length > 0) return { refused: 'unknown-product', detail: 'A product is not on sale.', errors: unknown }
  const amount = lines.reduce((sum, line) => sum + line.price * line.quantity, 0)
  if (amount > MOST) return tooLarge
  return { lines, amount, currency_code, ...(Object.keys(rates).length > 0 && { rates }) }
}

const notAccepted = (wanted: string, priced: string): PricingRefusal => ({
  refused: 'currency-not-accepted',
  detail: `The store has no rate from ${priced} to ${wanted}.`,
  errors: [{ pointer: '/payment/currency_code', detail: 'is not a currency that the store takes' }],
})

const tooLarge: PricingRefusal = {
  refused: 'amount-too-large',
  detail: `A purchase may cost ${MOST} minor units at most.`,
  errors: [{ pointer: '/order_items', detail: 'costs too much' }],
}
