import { UpdateCategory } from '@argosy/contracts/http/catalog'
import { route } from '@kit/http/route'
import { sql } from '@kit/postgres/statement'
import { refuse } from '@kit/problem/refusal'
import { shownCategory } from '../category.ts'
import type { CategoryRow } from '../category.ts'
import { mayChange } from '../domain/permission.ts'

const selectOwner = sql<{ owner_id: string }>(import.meta.url, 'select-owner.sql')
const writeChanges = sql<CategoryRow>(import.meta.url, 'update-category.sql')

/** The owner never changes, so it is looked at before the change and not once more by it. */
export const updateCategory = route(UpdateCategory, async ({ params: { id }, body, caller }, { db, platform }) => {
  const [owned] = await db.query(selectOwner, [id])
  if (owned === undefined) return categoryNotFound(id)
  if (!mayChange(owned, caller)) return refuse('forbidden', { detail: 'The category is somebody else’s.' })
  const [category] = await db.query(writeChanges, [id, body.name, body.description, platform.clock.now()])
  return category === undefined ? categoryNotFound(id) : { category: shownCategory(category) }
})

const categoryNotFound = (id: string) => refuse('category-not-found', { detail: `There is no category ${id}.` })
