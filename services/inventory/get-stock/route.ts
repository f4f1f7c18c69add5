import { GetStock } from '@argosy/contracts/http/inventory'
import { route } from '@kit/http/route'
import { sql } from '@kit/postgres/statement'
import { refuse } from '@kit/problem/refusal'

type StockRow = { readonly on_hand: number; readonly reserved: number; readonly updated_at: Date }

const selectStock = sql<StockRow>(import.meta.url, 'select-stock.sql')

export const getStock = route(GetStock, async ({ params: { product_id } }, { db }) => {
  const [stock] = await db.query(selectStock, [product_id])
  if (stock === undefined) return refuse('product-not-found', { detail: `There is no product ${product_id}.` })
  const { on_hand, reserved, updated_at } = stock
  const available = on_hand - reserved
  return { inventory: { product_id, on_hand, reserved, available, updated_at: updated_at.toISOString() } }
})
