import type { Queryable, Tx } from '@kit/postgres/queryable'
import { sql } from '@kit/postgres/statement'
import type { Statement } from '@kit/postgres/statement'
import type { OrderRow, Recorded } from './domain/projection.ts'

const selectOrders = sql<OrderRow>(import.meta.url, 'select-orders.sql')
const insertEvents = sql(import.meta.url, 'insert-events.sql')
const upsertRows = sql(import.meta.url, 'upsert-orders.sql')
const insertRows = sql(import.meta.url, 'insert-orders.sql')
const updateRows = sql(import.meta.url, 'update-orders.sql')

/** The orders that exist, by purchase id. */
export const loadOrders = async (db: Queryable, ids: readonly string[]): Promise<Map<string, OrderRow>> => {
  const rows = await db.query(selectOrders, [ids])
  return new Map(rows.map((row) => [row.purchase_id, row]))
}

/** Appends to the streams. Like all writes here it is only issued: the commit waits for it. */
export const appendEvents = (tx: Tx, recorded: readonly Recorded[]): void => {
  if (recorded.length === 0) return
  void tx.query(insertEvents, [
    recorded.map(({ event }) => event.data.purchase_id),
    recorded.map(({ version }) => version),
    recorded.map(({ event }) => event.type),
    recorded.map(({ event }) => JSON.stringify(event.data)),
    recorded.map(({ at }) => at),
  ])
}

/** Writes the rows of orders that there were none of. One that somebody else has written meanwhile breaks orders_pkey. */
export const insertOrders = (tx: Tx, rows: readonly OrderRow[]): void => write(tx, insertRows, rows)

/** Writes what has become of orders that there are. */
export const updateOrders = (tx: Tx, rows: readonly OrderRow[]): void => write(tx, updateRows, rows)

/** Writes rows whether or not they are there: twice the cost, for a rebuild. */
export const upsertOrders = (tx: Tx, rows: readonly OrderRow[]): void => write(tx, upsertRows, rows)

const write = (tx: Tx, statement: Statement, rows: readonly OrderRow[]): void => {
  if (rows.length === 0) return
  const column = <K extends keyof OrderRow>(name: K) => rows.map((row) => row[name])
  void tx.query(statement, [
    column('purchase_id'),
    column('customer_id'),
    column('status'),
    column('version'),
    column('reason'),
    column('placed_at'),
    column('updated_at'),
  ])
}
