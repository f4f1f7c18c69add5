import { cursor } from '@kit/http/cursor'
import type { Page } from '@kit/http/cursor'
import type { Statement } from '@kit/postgres/statement'
import { sql } from '@kit/postgres/statement'
import type { Refusal } from '@kit/problem/refusal'
import { isRefusal } from '@kit/problem/refusal'
import Type from 'typebox'
import type { TSchema } from 'typebox'
import type { ProductRow } from '../product.ts'

/** One way to sort the list: its statement, and where a page begins and ends. */
export type Sorting = {
  readonly select: Statement<ProductRow>
  /** The sort key and the id of the last one seen; empty for the first page. */
  readonly after: (cursor: string | undefined, filter: unknown) => readonly unknown[] | Refusal
  readonly page: (rows: readonly ProductRow[], limit: number, filter: unknown) => Page<ProductRow>
}

const sorting = (file: string, key: TSchema, keyOf: (row: ProductRow) => unknown): Sorting => {
  const place = cursor<TSchema>(Type.Tuple([key, Type.String({ format: 'uuid' })]))
  return {
    select: sql(import.meta.url, `sorted/${file}.sql`, { replanned: true }),
    after: (text, filter) => {
      const position = place.read(text, filter)
      if (isRefusal(position)) return position
      return Array.isArray(position) ? position : []
    },
    page: (rows, limit, filter) => place.page(rows, limit, (row) => [keyOf(row), row.id], filter),
  }
}

const name = [Type.String({ maxLength: 200 }), (row: ProductRow) => row.name] as const
const price = [Type.Integer({ minimum: 0 }), (row: ProductRow) => row.price] as const
const age = [Type.String({ format: 'date-time' }), (row: ProductRow) => row.created_at.toISOString()] as const

/** All that there are. Each has its own statement, so nothing of a request becomes SQL. */
export const sortings = {
  name: sorting('name-ascending', ...name),
  '-name': sorting('name-descending', ...name),
  price: sorting('price-ascending', ...price),
  '-price': sorting('price-descending', ...price),
  created_at: sorting('created-at-ascending', ...age),
  '-created_at': sorting('created-at-descending', ...age),
} as const satisfies Readonly<Record<string, Sorting>>
