import { procedure } from '@kit/rpc/procedure'

export type QuotedProduct = {
  readonly id: string
  readonly owner_id: string
  readonly name: string
  /** Minor units of `currency_code`. */
  readonly price: number
  readonly currency_code: string
}

/** The products as they are on sale now, read fresh, in any order. Unknown and removed ones are absent from the answer. */
export const Quote = procedure<
  { readonly product_ids: readonly string[] },
  { readonly products: readonly QuotedProduct[] }
>({
  service: 'argosy.catalog.v1.Catalog',
  method: 'Quote',
  proto: new URL('../proto/catalog.proto', import.meta.url),
  batch: {
    merge: (requests) => ({ product_ids: [...new Set(requests.flatMap((request) => request.product_ids))] }),
    split: ({ products }, requests) => {
      const byId = new Map(products.map((product) => [product.id, product]))
      return requests.map(({ product_ids }) => ({ products: product_ids.flatMap((id) => byId.get(id) ?? []) }))
    },
  },
})
