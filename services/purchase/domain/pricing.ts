import { minorDigitsOf } from '@argosy/contracts/currency'
import type { QuotedProduct } from '@argosy/contracts/proto/catalog'
import { conversionBetween, convert, shownRate } from './currency.ts'
import type { Conversion, Rates } from './currency.ts'

/** What the customer asked for. The same product may stand on two lines. */
export type Wanted = { readonly product_id: string; readonly quantity: number }

export type PricedLine = {
  readonly product_id: string
  readonly name: string
  /** Of one, in minor units of the sale's currency. Rounded when it was converted, and then only to be shown. */
  readonly price: number
  readonly quantity: number
  /** What the line costs, when that is not price * quantity. */
  readonly amount?: number
  /** Whose product it is. */
  readonly seller_id: string
}

/** The lines at the prices that hold from now on, whatever the catalogue says later. */
export type Sale = {
  readonly lines: readonly PricedLine[]
  readonly amount: number
  readonly currency_code: string
  /** What one unit of each other currency was worth, to be shown; absent when nothing was converted. */
  readonly rates?: Readonly<Record<string, number>>
}

export type PricingRefusal = {
  readonly refused: 'unknown-product' | 'currency-not-accepted' | 'amount-too-large'
  readonly detail: string
  readonly errors: readonly { readonly pointer: string; readonly detail: string }[]
}

/** The most that one purchase may cost, in minor units. */
const MOST = 1_000_000_000_000n

/**
 * Prices the lines in the customer's currency. The products are as the catalogue quotes them; absent: not on sale. Each
 * line is converted as a whole: rounded for each of a thousand, half a cent would be five dollars.
 */
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
  let amount = 0n
  for (const [i, { product_id, quantity }] of wanted.entries()) {
    const product = quoted.get(product_id)
    if (product === undefined) {
      unknown.push({ pointer: `/order_items/${i}/product_id`, detail: 'is not on sale' })
      continue
    }
    const priced = product.currency_code
    const conversion = conversionBetween(priced, currency_code, table)
    if (conversion === undefined) return notAccepted(currency_code, priced)
    if (priced !== currency_code) rates[priced] = shownRate(priced, currency_code, table)
    const { line, cost } = pricedLine(product, quantity, conversion)
    lines.push(line)
    amount += cost
  }
  if (unknown.length > 0) return { refused: 'unknown-product', detail: 'A product is not on sale.', errors: unknown }
  if (amount > MOST) return tooLarge
  return { lines, amount: Number(amount), currency_code, ...(Object.keys(rates).length > 0 && { rates }) }
}

/** The cost is exact; the line's numbers are as long as it is no more than can be paid. */
const pricedLine = (
  product: QuotedProduct,
  quantity: number,
  conversion: Conversion,
): { readonly line: PricedLine; readonly cost: bigint } => {
  const [one, many] = [BigInt(product.price), BigInt(quantity)]
  const [unit, cost] = [convert(one, conversion), convert(one * many, conversion)]
  const { id: product_id, name, owner_id: seller_id } = product
  const line = { product_id, name, price: Number(unit), quantity, seller_id }
  return { cost, line: cost === unit * many ? line : { ...line, amount: Number(cost) } }
}

const notAccepted = (wanted: string, priced: string): PricingRefusal => ({
  refused: 'currency-not-accepted',
  detail:
    minorDigitsOf(wanted) === undefined
      ? `${wanted} is no active currency of ISO 4217 that has a minor unit.`
      : `The store has no rate from ${priced} to ${wanted}.`,
  errors: [{ pointer: '/payment/currency_code', detail: 'is not a currency that the store takes' }],
})

const tooLarge: PricingRefusal = {
  refused: 'amount-too-large',
  detail: `A purchase may cost ${MOST} minor units at most.`,
  errors: [{ pointer: '/order_items', detail: 'costs too much' }],
}
