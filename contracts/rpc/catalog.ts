import { procedure } from '@kit/rpc/procedure'
import { Catalog } from '../proto/catalog.ts'

/** The products as they are on sale now, read fresh, in any order. Unknown and removed ones are absent from the answer. */
export const Quote = procedure({
  ...Catalog.Quote,
  repeatable: true,
  batch: {
    merge: (requests) => ({ product_ids: [...new Set(requests.flatMap((request) => request.product_ids))] }),
    split: ({ products }, requests) => {
      const byId = new Map(products.map((product) => [product.id, product]))
      return requests.map(({ product_ids }) => ({ products: product_ids.flatMap((id) => byId.get(id) ?? []) }))
    },
  },
})
