import { procedure } from '@kit/rpc/procedure'

const proto = new URL('../proto/inventory.proto', import.meta.url)

/** Opens the stock of a new product. Asked again for the same product, changes nothing. */
export const OpenStock = procedure<
  { readonly product_id: string; readonly quantity: number },
  Readonly<Record<string, never>>
>({ service: 'argosy.inventory.v1.Inventory', method: 'OpenStock', proto })

/** Sets how many units are on hand, as counted. Fails when fewer than are reserved. */
export const CountStock = procedure<
  { readonly product_id: string; readonly on_hand: number },
  { readonly accepted: boolean; readonly available: number }
>({ service: 'argosy.inventory.v1.Inventory', method: 'CountStock', proto })

/** What can be bought now. Unknown products are absent from the answer. */
export const StockLevels = procedure<
  { readonly product_ids: readonly string[] },
  { readonly levels: readonly { readonly product_id: string; readonly on_hand: number; readonly available: number }[] }
>({
  service: 'argosy.inventory.v1.Inventory',
  method: 'StockLevels',
  proto,
  batch: {
    merge: (requests) => ({ product_ids: [...new Set(requests.flatMap((request) => request.product_ids))] }),
    split: ({ levels }, requests) => {
      const byId = new Map(levels.map((level) => [level.product_id, level]))
      return requests.map(({ product_ids }) => ({ levels: product_ids.flatMap((id) => byId.get(id) ?? []) }))
    },
  },
})
