import { CountStock } from '@argosy/contracts/rpc/inventory'
import { implement } from '@kit/rpc/procedure'
import { available, count } from '../domain/stock.ts'
import { lockStock, writeMovements, writeStock } from '../stock-rows.ts'

/** Sets what is on hand as somebody has counted it; never to less than is promised to purchases. */
export const countStock = implement(CountStock, ({ product_id, on_hand }, { db, platform }) =>
  db.transaction(async (tx) => {
    const [stock] = await tx.query(lockStock, [[product_id]])
    if (stock === undefined) return { accepted: false, available: 0 }
    const counted = count(stock, on_hand)
    if ('refused' in counted) return { accepted: false, available: available(stock) }
    const delta = on_hand - stock.on_hand
    const now = platform.clock.now()
    if (delta !== 0) {
      writeStock(tx, [counted], now)
      writeMovements(tx, [{ product_id, kind: 'counted', delta, on_hand }], now)
    }
    return { accepted: true, available: available(counted) }
  }),
)
