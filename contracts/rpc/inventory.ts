import { procedure } from '@kit/rpc/procedure'
import { Inventory } from '../proto/inventory.ts'

/** Opens the stock of a new product. Asked again for the same product, changes nothing. */
export const OpenStock = procedure({ ...Inventory.OpenStock, repeatable: true })

/**
 * Sets how many units are on hand, as counted. Fails when fewer than are reserved. Not repeatable: what is sold between two
 * counts would be back on the shelf.
 */
export const { CountStock } = Inventory

/** What can be bought now. Unknown products are absent from the answer. */
export const StockLevels = procedure({
  ...Inventory.StockLevels,
  repeatable: true,
  batch: {
    merge: (requests) => ({ product_ids: [...new Set(requests.flatMap((request) => request.product_ids))] }),
    split: ({ levels }, requests) => {
      const byId = new Map(levels.map((level) => [level.product_id, level]))
      return requests.map(({ product_ids }) => ({ levels: product_ids.flatMap((id) => byId.get(id) ?? []) }))
    },
  },
})
