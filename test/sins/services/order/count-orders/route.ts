import type { Queryable } from '@kit/postgres/queryable'
import { sql } from '@kit/postgres/statement'

type Row = {
  readonly id: string
  readonly at: Date
  readonly orders: number
  readonly status: 'placed' | 'paid' | null
}

const good = sql<Row>(import.meta.url, 'good.sql')
const otherColumns = sql<Row>(import.meta.url, 'other-columns.sql')
const otherTypes = sql<Row & { readonly details: { readonly x: number } }>(import.meta.url, 'other-types.sql')
const needsTwo = sql<Row>(import.meta.url, 'needs-two.sql')
const unnamed = sql(import.meta.url, 'unnamed.sql')
const refused = sql(import.meta.url, 'refused.sql')

export const countOrders = async (db: Queryable, id: string): Promise<readonly unknown[]> => [
  await db.query(good, [id]),
  await db.query(otherColumns, [id]),
  await db.query(otherTypes, [id]),
  await db.query(needsTwo, [id]),
  await db.query(unnamed, [id]),
  await db.query(refused),
]
