import { CheckStock, CheckStockByBody } from '@argosy/contracts/http/inventory'
import { route } from '@kit/http/route'
import type { Route } from '@kit/http/route'
import type { Queryable } from '@kit/postgres/queryable'
import { sql } from '@kit/postgres/statement'

const selectAvailable = sql<{ available: number }>(import.meta.url, 'select-available.sql')

const check = async (db: Queryable, { id, quantity }: { readonly id: string; readonly quantity: number }) => {
  const [stock] = await db.query(selectAvailable, [id])
  return { valid: stock !== undefined && stock.available >= quantity }
}

/** Nothing is promised by it: only a reservation is. A product that is not there cannot be bought either. */
export const checkStock: readonly Route[] = [
  route(CheckStock, ({ query }, { db }) => check(db, query)),
  route(CheckStockByBody, ({ body }, { db }) => check(db, body)),
]
