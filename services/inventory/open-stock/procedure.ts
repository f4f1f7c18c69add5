import { OpenStock } from '@argosy/contracts/rpc/inventory'
import { sql } from '@kit/postgres/statement'
import { implement } from '@kit/rpc/procedure'

const insertStock = sql(import.meta.url, 'insert-stock.sql')

/** A new product has stock from its first moment on. */
export const openStock = implement(OpenStock, async ({ product_id, quantity }, { db, platform }) => {
  await db.query(insertStock, [product_id, quantity, platform.clock.now()])
  return {}
})
