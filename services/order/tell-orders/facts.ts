import { OrderUpdated } from '@argosy/contracts/messages/order'
import type { OrderPlaced } from '@argosy/contracts/messages/order'
import { pageOf, type Facts } from '@kit/facts/facts'
import type { DataOf } from '@kit/message/message'
import { sql } from '@kit/postgres/statement'
import type { OrderRow } from '../domain/projection.ts'

type Row = OrderRow & {
  readonly customer_id: string
  readonly placed_at: Date
  readonly placed: DataOf<typeof OrderPlaced>
}

const selectPage = sql<Row>(import.meta.url, 'select-page.sql')

/** Every order that was placed, as it stands now. */
export const orders: Facts = {
  name: 'orders',
  types: [OrderUpdated],
  page: async (tx, after, limit) =>
    pageOf(await tx.query(selectPage, [after, limit]), limit, ({ purchase_id }) => purchase_id, told),
}

const told = ({ placed, ...row }: Row) =>
  OrderUpdated({
    purchase_id: row.purchase_id,
    customer_id: row.customer_id,
    status: row.status,
    ...(row.reason !== null && { reason: row.reason }),
    payment_method: row.payment_method,
    lines: placed.lines,
    amount: placed.amount,
    refunded: row.refunded,
    currency_code: placed.currency_code,
    placed_at: row.placed_at.toISOString(),
    updated_at: row.updated_at.toISOString(),
  })
