import type { Tx } from '@kit/postgres/queryable'
import { sql } from '@kit/postgres/statement'
import type { Stock } from './domain/stock.ts'

/** An entry of the ledger. */
export type Movement = {
  readonly product_id: string
  readonly kind: 'opened' | 'counted' | 'adjusted' | 'sold' | 'returned'
  readonly delta: number
  /** After it. */
  readonly on_hand: number
  readonly reason?: string
  readonly account_id?: string
  readonly request_key?: string
  readonly purchase_ids?: readonly string[]
}

/** The stock of the products, locked until the transaction ends. Values: product ids. */
export const lockStock = sql<Stock>(import.meta.url, 'lock-stock.sql')

const updateStock = sql(import.meta.url, 'update-stock.sql')
const insertMovements = sql(import.meta.url, 'insert-movements.sql')

/** Writes locked stock as it now stands. Like all writes here it is only issued: the commit waits for it. */
export const writeStock = (tx: Tx, stock: readonly Stock[], now: Date): void => {
  if (stock.length === 0) return
  const column = <K extends keyof Stock>(name: K) => stock.map((one) => one[name])
  void tx.query(updateStock, [column('product_id'), column('on_hand'), column('reserved'), now])
}

export const writeMovements = (tx: Tx, movements: readonly Movement[], now: Date): void => {
  if (movements.length === 0) return
  const column = <K extends keyof Movement>(name: K) => movements.map((one) => one[name])
  void tx.query(insertMovements, [
    column('product_id'),
    column('kind'),
    column('delta'),
    column('on_hand'),
    column('reason'),
    column('account_id'),
    column('request_key'),
    movements.map(({ purchase_ids }) => purchase_ids && arrayLiteral(purchase_ids)),
    now,
  ])
}

/** A list as one element of a column of lists, for arrays of arrays must be rectangular in SQL. Ids and numbers only. */
export const arrayLiteral = (items: readonly (string | number)[]): string => `{${items.join()}}`
