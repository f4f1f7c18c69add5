import { CountStock, OpenStock, StockLevels } from '@argosy/contracts/rpc/inventory'
import { implement } from '@kit/rpc/procedure'
import type { Implementation } from '@kit/rpc/procedure'

/** For tests: inventory as its contract tells it, with some units of each product reserved. */
export const inventoryPlayed = (reserved = 0): { readonly procedures: readonly Implementation[]; down: boolean } => {
  const stock = new Map<string, number>()
  const played = {
    down: false,
    procedures: [
      implement(OpenStock, async ({ product_id, quantity }) => {
        stock.set(product_id, stock.get(product_id) ?? quantity)
        return {}
      }),
      implement(CountStock, async ({ product_id, on_hand }) => {
        const accepted = stock.has(product_id) && on_hand >= reserved
        if (accepted) stock.set(product_id, on_hand)
        return { accepted, available: (stock.get(product_id) ?? reserved) - reserved }
      }),
      implement(StockLevels, async ({ product_ids }) => {
        if (played.down) throw new Error('the stock cannot be asked')
        const known = product_ids.filter((id) => stock.has(id))
        const levels = known.map((product_id) => ({ product_id, on_hand: stock.get(product_id) ?? 0 }))
        return { levels: levels.map((level) => ({ ...level, available: level.on_hand - reserved })) }
      }),
    ],
  }
  return played
}
