// Made from catalog.proto: npm run check:procedures -- --write
import { procedure } from '@kit/rpc/procedure'

const proto = new URL('./catalog.proto', import.meta.url)

export type QuoteRequest = {
  readonly product_ids: readonly string[]
}

export type QuoteResponse = {
  readonly products: readonly QuotedProduct[]
}

export type QuotedProduct = {
  readonly id: string
  readonly owner_id: string
  readonly name: string
  /** Minor units of `currency_code`. */
  readonly price: number
  readonly currency_code: string
}

export const Catalog = {
  Quote: procedure<QuoteRequest, QuoteResponse>({
    service: 'argosy.catalog.v1.Catalog',
    method: 'Quote',
    proto,
  }),
}
