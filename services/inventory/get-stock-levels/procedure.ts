import { StockLevels } from '@argosy/contracts/rpc/inventory'
import { sql } from '@kit/postgres/statement'
import { implement } from '@kit/rpc/procedure'

type LevelRow = { readonly product_id: string; readonly on_hand: number; readonly available: number }

const selectLevels = sql<LevelRow>(import.meta.url, 'select-levels.sql')

/** What can be bought now. */
export const stockLevels = implement(StockLevels, async ({ product_ids }, { db }) => ({
  levels: await db.query(selectLevels, [product_ids]),
}))
