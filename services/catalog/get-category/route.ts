import { GetCategory } from '@argosy/contracts/http/catalog'
import { route } from '@kit/http/route'
import { sql } from '@kit/postgres/statement'
import { refuse } from '@kit/problem/refusal'
import { shownCategory } from '../category.ts'
import type { CategoryRow } from '../category.ts'

const selectCategory = sql<CategoryRow>(import.meta.url, 'select-category.sql')

export const getCategory = route(GetCategory, async ({ params: { id } }, { db }) => {
  const [category] = await db.query(selectCategory, [id])
  if (category === undefined) return refuse('category-not-found', { detail: `There is no category ${id}.` })
  return { category: shownCategory(category) }
})
