import { ListCategories } from '@argosy/contracts/http/catalog'
import { cursor } from '@kit/http/cursor'
import { route } from '@kit/http/route'
import { sql } from '@kit/postgres/statement'
import { isRefusal } from '@kit/problem/refusal'
import Type from 'typebox'
import { shownCategory } from '../category.ts'
import type { CategoryRow } from '../category.ts'

const selectCategories = sql<CategoryRow>(import.meta.url, 'select-categories.sql', { replanned: true })

const place = cursor(Type.Tuple([Type.String({ maxLength: 200 }), Type.String({ format: 'uuid' })]))

export const listCategories = route(ListCategories, async ({ query: { limit, cursor } }, { db }) => {
  const after = place.read(cursor)
  if (isRefusal(after)) return after
  const rows = await db.query(selectCategories, [after?.[0], after?.[1], limit + 1])
  const { data, page } = place.page(rows, limit, ({ name, id }) => [name, id])
  return { data: data.map(shownCategory), page }
})
