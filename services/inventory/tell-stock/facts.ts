import { StockChanged } from '@argosy/contracts/messages/inventory'
import { pageOf, type Facts } from '@kit/facts/facts'
import { sql } from '@kit/postgres/statement'

type Row = { readonly product_id: string; readonly on_hand: number; readonly reserved: number }

const selectPage = sql<Row>(import.meta.url, 'select-page.sql')

/** The units of every product, as they are now. */
export const stock: Facts = {
  name: 'stock',
  types: [StockChanged],
  page: async (tx, after, limit) =>
    pageOf(
      await tx.query(selectPage, [after, limit]),
      limit,
      ({ product_id }) => product_id,
      ({ product_id, on_hand, reserved }) =>
        StockChanged({ product_id, on_hand, reserved, available: on_hand - reserved }),
    ),
}
